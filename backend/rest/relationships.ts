import type { Catalogue, ForeignKey, Relation, Routine } from './catalogue'
import type { ViewColumn } from './view-origins'

export type Cardinality = 'many-to-one' | 'one-to-many' | 'one-to-one' | 'many-to-many'

/** A table between two others, with a foreign key to each. */
export type Junction = {
  relation: Relation
  constraints: [string, string]
  /** Column of the origin, column of the junction. */
  near: [string, string][]
  /** Column of the junction, column of the target. */
  far: [string, string][]
}

/** A way from the rows of one relation to those of another. */
export type Relationship = {
  cardinality: Cardinality
  /** The foreign key's name, or that of a computed relationship's function. */
  constraint: string
  from: Relation
  to: Relation
  /** Column of `from`, column of `to`. */
  columns: [string, string][]
  /** Whether the foreign key stands in `from`. */
  child: boolean
  junction?: Junction
  routine?: Routine
}

export function isToOne({ cardinality }: Relationship): boolean {
  return cardinality === 'many-to-one' || cardinality === 'one-to-one'
}

/** One end of a foreign key as the API sees it: the table itself, or a view that shows its columns. */
type End = { relation: Relation; names: string[] }

/** Fills `relationships` of every relation; gives views the primary key of the table they show. */
export function buildRelationships(
  catalogue: Catalogue,
  foreignKeys: ForeignKey[],
  origins: Map<number, ViewColumn[]>,
): void {
  const views = resolveViews(catalogue, origins)
  giveViewsKeys(catalogue, views)
  for (const key of foreignKeys) {
    const from = endsOf(
      catalogue,
      views,
      key.from,
      key.columns.map(([column]) => column),
    )
    const to = endsOf(
      catalogue,
      views,
      key.to,
      key.columns.map(([, column]) => column),
    )
    for (const child of from) for (const parent of to) connect(key.name, child, parent)
  }
  connectComputed(catalogue)
  const relations = [...catalogue.byOid.values()]
  const direct = new Map(relations.map((r) => [r, r.relationships.filter((x) => x.child)]))
  for (const junction of relations) connectThrough(junction, direct.get(junction) ?? [])
}

/** A view's column names by `relation.column name` of the table column they show. */
type Views = Map<number, Map<string, string>>

function resolveViews(catalogue: Catalogue, origins: Map<number, ViewColumn[]>): Views {
  const views: Views = new Map()
  const nameOf = (relation: number, number: number) =>
    [...(catalogue.byOid.get(relation)?.columns.values() ?? [])].find((c) => c.number === number)?.name
  const resolve = (relation: number, column: number, depth: number): string => {
    const shown = origins.get(relation)?.find((c) => c.number === column)
    return shown && depth < 20 ? resolve(shown.relation, shown.column, depth + 1) : `${relation}.${column}`
  }
  for (const [view, columns] of origins) {
    const names = new Map<string, string>()
    for (const { number, relation, column } of columns) {
      const name = nameOf(view, number)
      const base = resolve(relation, column, 0)
      if (name !== undefined && !names.has(base)) names.set(base, name)
    }
    views.set(view, names)
  }
  return views
}

function giveViewsKeys(catalogue: Catalogue, views: Views): void {
  for (const [oid, names] of views) {
    const view = catalogue.byOid.get(oid)
    if (!view) continue
    for (const table of catalogue.byOid.values()) {
      if (views.has(table.oid)) continue
      for (const key of table.keys) {
        const columns = key.columns.map((c) => names.get(`${table.oid}.${table.columns.get(c)?.number}`))
        if (columns.every((c) => c !== undefined)) view.keys.push({ primary: key.primary, columns })
      }
    }
    view.primaryKey = view.keys.find((k) => k.primary)?.columns ?? []
  }
}

function endsOf(catalogue: Catalogue, views: Views, oid: number, columns: string[]): End[] {
  const ends: End[] = []
  const table = catalogue.byOid.get(oid)
  if (!table) return ends
  ends.push({ relation: table, names: columns })
  const numbers = columns.map((c) => `${oid}.${table.columns.get(c)?.number}`)
  for (const [viewOid, shown] of views) {
    const view = catalogue.byOid.get(viewOid)
    const names = numbers.map((n) => shown.get(n))
    if (view && names.every((n) => n !== undefined)) ends.push({ relation: view, names })
  }
  return ends
}

function connect(constraint: string, child: End, parent: End): void {
  const unique = child.relation.keys.some(
    (k) => k.columns.length === child.names.length && k.columns.every((c) => child.names.includes(c)),
  )
  const columns = child.names.map((name, i): [string, string] => [name, parent.names[i] ?? name])
  const from = child.relation
  const to = parent.relation
  from.relationships.push({
    cardinality: unique ? 'one-to-one' : 'many-to-one',
    constraint,
    from,
    to,
    columns,
    child: true,
  })
  to.relationships.push({
    cardinality: unique ? 'one-to-one' : 'one-to-many',
    constraint,
    from: to,
    to: from,
    columns: columns.map(([a, b]) => [b, a]),
    child: false,
  })
}

/** Many-to-many: a junction's primary key holds the columns of two foreign keys. */
function connectThrough(junction: Relation, keys: Relationship[]): void {
  const inKey = keys.filter((k) => k.columns.every(([column]) => junction.primaryKey.includes(column)))
  for (const near of inKey) {
    for (const far of inKey) {
      if (near === far) continue
      near.to.relationships.push({
        cardinality: 'many-to-many',
        constraint: near.constraint,
        from: near.to,
        to: far.to,
        columns: [],
        child: false,
        junction: {
          relation: junction,
          constraints: [near.constraint, far.constraint],
          near: near.columns.map(([a, b]) => [b, a]),
          far: far.columns,
        },
      })
    }
  }
}

function connectComputed(catalogue: Catalogue): void {
  for (const from of catalogue.byOid.values()) {
    for (const routine of from.computed.values()) {
      const to = routine.relation === null ? undefined : catalogue.byOid.get(routine.relation)
      if (!to || routine.kind !== 'composite') continue
      // PostgREST's rule: a function that says it returns one row, or is no set, is to-one.
      const cardinality = routine.set && routine.rows !== 1 ? 'one-to-many' : 'many-to-one'
      from.relationships.push({
        cardinality,
        constraint: routine.name,
        from,
        to,
        columns: [],
        child: false,
        routine,
      })
    }
  }
}

/** The relationships that `target` and `hint` of an embed may mean; one is the answer, several are ambiguous. */
export function findRelationships(
  origin: Relation,
  target: string,
  hint: string | undefined,
): Relationship[] {
  const computed = origin.relationships.filter((r) => r.routine?.name === target)
  if (computed.length > 0) return computed.filter((r) => hint === undefined || r.to.name === hint)
  return origin.relationships.filter((r) => {
    if (r.routine) return false
    if (r.from === r.to && !r.junction) return matchesSelf(r, target, hint)
    if (hint !== undefined) return r.to.name === target && matchesHint(r, hint)
    if (r.to.name === target) return true
    return !r.junction && r.to.kind !== 'v' && r.to.kind !== 'm' && matchesKey(r, target)
  })
}

/** A self-reference: its table means the many, its column or constraint the one. */
function matchesSelf(r: Relationship, target: string, hint: string | undefined): boolean {
  if (hint === undefined) return r.child ? matchesKey(r, target) : r.to.name === target
  return r.to.name === target && !r.child && matchesHint(r, hint)
}

/** By the foreign key's name, or by its single column in the origin. */
function matchesKey(r: Relationship, word: string): boolean {
  return r.constraint === word || (r.child && r.columns.length === 1 && r.columns[0]?.[0] === word)
}

function matchesHint(r: Relationship, hint: string): boolean {
  if (r.junction) return r.junction.relation.name === hint
  return r.constraint === hint || (r.columns.length === 1 && (r.columns[0]?.includes(hint) ?? false))
}
