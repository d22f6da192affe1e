import type { EmbedItem, FieldItem, Level, Query, SelectItem } from './ast'
import type { Catalogue, Column, Output, Relation, Routine } from './catalogue'
import { RestError } from './errors'
import { nearest } from './nearest'
import { findRelationships, isToOne, type Relationship } from './relationships'

/** Where rows come from: a relation, or what a function returns. */
export type Source = {
  name: string
  columns: Map<string, Column | Output>
  relation: Relation | null
}

export type Embed = {
  item: EmbedItem
  name: string
  relationship: Relationship
  toOne: boolean
  node: ReadNode
}

export type Item = { kind: 'star' } | FieldItem | { kind: 'embed'; embed: Embed }

/** One level of a result: what to take, from where, and under which conditions. */
export type ReadNode = {
  source: Source
  items: Item[]
  embeds: Embed[]
  level: Level
}

export function relationSource(relation: Relation): Source {
  return { name: relation.name, columns: relation.columns, relation }
}

export function routineSource(catalogue: Catalogue, routine: Routine): Source {
  const relation = routine.relation === null ? null : (catalogue.byOid.get(routine.relation) ?? null)
  const outputs = new Map((routine.outputs ?? []).map((o) => [o.name, o]))
  return { name: routine.name, columns: relation?.columns ?? outputs, relation }
}

/** Finds what a query's names mean: the tree of levels that the compiler turns into SQL. */
export function resolveRead(catalogue: Catalogue, source: Source, query: Query): ReadNode {
  if (countEmbeds(query.select) > MAX_EMBEDS)
    throw new RestError(400, 'PGRST100', `A query may have ${MAX_EMBEDS} embedded resources, not more`)
  const root = resolveNode(catalogue, source, query.select)
  root.level = query.root
  for (const { path, level } of query.embeds) findLevel(root, path).level = level
  return root
}

/** More joins than this are planned for longer than they are worth. */
const MAX_EMBEDS = 50

function countEmbeds(select: SelectItem[]): number {
  return select.reduce((sum, item) => sum + (item.kind === 'embed' ? 1 + countEmbeds(item.items) : 0), 0)
}

function resolveNode(catalogue: Catalogue, source: Source, select: SelectItem[]): ReadNode {
  const node: ReadNode = { source, items: [], embeds: [], level: { conditions: [] } }
  for (const item of select) {
    if (item.kind !== 'embed') {
      node.items.push(item.kind === 'field' ? bareCount(source, item) : item)
      continue
    }
    const relationship = chooseRelationship(catalogue, source, item)
    const embed: Embed = {
      item,
      name: item.alias ?? item.target,
      relationship,
      toOne: isToOne(relationship),
      node: resolveNode(catalogue, relationSource(relationship.to), item.items),
    }
    node.embeds.push(embed)
    node.items.push({ kind: 'embed', embed })
  }
  return node
}

/** `posts(count)`: PostgREST's older way to write `count()`, where there is no column of that name. */
function bareCount({ columns, relation }: Source, item: FieldItem): FieldItem {
  const { field, aggregate, cast, alias } = item
  if (field?.name !== 'count' || field.path.length > 0 || aggregate) return item
  if (columns.has('count') || relation?.computed.has('count')) return item
  const counted: FieldItem = { kind: 'field', field: null, aggregate: 'count' }
  if (alias !== undefined) counted.alias = alias
  if (cast !== undefined) counted.aggregateCast = cast
  return counted
}

function findLevel(root: ReadNode, path: string[]): ReadNode {
  let node = root
  for (const name of path) {
    const embed = node.embeds.find((e) => e.name === name)
    if (!embed) throw notEmbedded(name)
    node = embed.node
  }
  return node
}

export function notEmbedded(name: string): RestError {
  return new RestError(400, 'PGRST108', `'${name}' is not an embedded resource in this request`, {
    hint: `Verify that '${name}' is included in the 'select' query parameter.`,
  })
}

function chooseRelationship(catalogue: Catalogue, source: Source, item: EmbedItem): Relationship {
  const found = source.relation ? findRelationships(source.relation, item.target, item.hint) : []
  const [first] = found
  if (!first) throw noRelationship(catalogue, source, item)
  if (found.length > 1) throw ambiguous(source, item, found)
  return first
}

function noRelationship(catalogue: Catalogue, source: Source, { target, hint }: EmbedItem): RestError {
  const schema = source.relation?.schema ?? 'public'
  const using = hint === undefined ? '' : ` using the hint '${hint}'`
  const related = new Set(source.relation?.relationships.map((r) => r.routine?.name ?? r.to.name))
  const known = catalogue.relations.get(schema)?.has(target)
  const meant = related.has(target) ? null : nearest(target, known ? [] : related)
  return new RestError(
    400,
    'PGRST200',
    `Could not find a relationship between '${source.name}' and '${target}' in the schema cache`,
    {
      details: `Searched for a foreign key relationship between '${source.name}' and '${target}'${using} in the schema '${schema}', but no matches were found.`,
      hint: meant === null ? null : `Perhaps you meant '${meant}' instead of '${target}'.`,
    },
  )
}

function ambiguous(source: Source, { target }: EmbedItem, found: Relationship[]): RestError {
  const hints = found.map((r) => `'${target}!${r.junction?.relation.name ?? r.constraint}'`)
  return new RestError(
    300,
    'PGRST201',
    `Could not embed because more than one relationship was found for '${source.name}' and '${target}'`,
    {
      details: found.map((r) => ({
        cardinality: r.cardinality,
        embedding: `${r.from.name} with ${r.to.name}`,
        relationship: describe(r),
      })),
      hint: `Try changing '${target}' to one of the following: ${hints.join(', ')}. Find the desired relationship in the 'details' key.`,
    },
  )
}

function describe(r: Relationship): string {
  const list = (columns: string[]) => `(${columns.join(', ')})`
  const lefts = (pairs: [string, string][]) => list(pairs.map(([a]) => a))
  const rights = (pairs: [string, string][]) => list(pairs.map(([, b]) => b))
  if (r.junction) {
    const { relation, constraints, near, far } = r.junction
    return `${relation.name} using ${constraints[0]}${rights(near)} and ${constraints[1]}${lefts(far)}`
  }
  return `${r.constraint} using ${r.from.name}${lefts(r.columns)} and ${r.to.name}${rights(r.columns)}`
}

/** The error PostgreSQL gives for a column that is not there; the name never reaches it. */
export function noColumn(source: Source, name: string): RestError {
  const meant = nearest(name, source.columns.keys())
  return new RestError(400, '42703', `column ${source.name}.${name} does not exist`, {
    hint: meant === null ? null : `Perhaps you meant to reference the column "${source.name}.${meant}".`,
  })
}

/** Every column of the source that a level uses itself, for `returning`. */
export function usedColumns(node: ReadNode): Set<string> {
  const used = new Set<string>()
  const add = (name: string) => {
    if (node.source.columns.has(name)) used.add(name)
    // A computed column or relationship takes the whole row.
    else for (const column of node.source.columns.keys()) used.add(column)
  }
  for (const item of node.items) {
    if (item.kind === 'star') for (const column of node.source.columns.keys()) used.add(column)
    else if (item.kind === 'field' && item.field) add(item.field.name)
  }
  for (const { relationship } of node.embeds) {
    if (relationship.routine) add('')
    for (const [column] of relationship.junction?.near ?? relationship.columns) add(column)
  }
  for (const term of node.level.order ?? []) if (term.relation === undefined) add(term.field.name)
  return used
}

/** Whether a level has aggregates, of its own or lifted into it by a spread. */
export function hasAggregate(node: ReadNode): boolean {
  return node.items.some((item) => {
    if (item.kind === 'embed') return item.embed.item.spread && hasAggregate(item.embed.node)
    return item.kind === 'field' && item.aggregate !== undefined
  })
}
