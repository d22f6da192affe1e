import type { Operand, Query } from './ast'
import type { Catalogue, Relation, Routine } from './catalogue'
import { type CallBody, callSql, chooseRoutine } from './compile-call'
import {
  conflictColumns,
  deleteSql,
  insertSql,
  payloadColumns,
  UPDATED_SETTING,
  updateSql,
} from './compile-mutate'
import { ReadCompiler, type ReadOptions, type Root } from './compile-read'
import { RestError } from './errors'
import type { Media } from './media'
import { nearest } from './nearest'
import type { Preferences } from './preferences'
import { type ReadNode, relationSource, resolveRead, routineSource, usedColumns } from './resolve'
import { Builder, ident, qualified, type Statement } from './sql'

/** The SQL of every request of one shape. */
export type Plan = {
  access: 'read' | 'write'
  statement: Statement
  /** Asks the planner how many rows there are (`count=planned`, `estimated`). */
  estimate: Statement | null
  /** Operands of the root's `limit` and `offset`. */
  limit: Operand | null
  offset: Operand | null
  routine: Routine | null
  /** Location and duplicates of an insert speak of this key. */
  primaryKey: string[]
  /** How often it was taken; a statement is prepared from the second time on. */
  uses: number
}

export type PlanOptions = ReadOptions

/** What a plan depends on. */
export type PlanRequest = {
  catalogue: Catalogue
  schema: string
  name: string
  query: Query
  media: Media
  preferences: Preferences
  options: PlanOptions
}

/** Every statement returns one row of these texts: rows, total, body, response headers, response status. */
function outcome(total: string, body: string): string {
  const guc = (name: string) => `nullif(current_setting('response.${name}', true), '')`
  return `select count(*)::text, ${total}::text, ${body}, ${guc('headers')}, ${guc('status')}`
}

/** The answer's text, made of rows called `r`; `value` is what of a row becomes JSON. */
function bodySql(media: Media, single: boolean, value = 'r'): string {
  if (media.kind === 'csv')
    return `(select coalesce(string_agg(k, ','), '') from json_object_keys(json_agg(r)->0) k) || e'\\n' || coalesce(string_agg(substring(r::text, 2, length(r::text) - 2), e'\\n'), '')`
  const one = single || media.kind === 'object'
  const list = `json_agg(${value})${one ? '->0' : ''}`
  const json = media.stripNulls ? `json_strip_nulls(${list})` : list
  return `coalesce(${json}, '${one ? 'null' : '[]'}')::text`
}

export function findRelation(catalogue: Catalogue, schema: string, name: string): Relation {
  const relations = catalogue.relations.get(schema)
  const relation = relations?.get(name)
  if (relation) return relation
  const meant = nearest(name, relations?.keys() ?? [])
  throw new RestError(404, 'PGRST205', `Could not find the table '${schema}.${name}' in the schema cache`, {
    hint: meant === null ? null : `Perhaps you meant the table '${schema}.${meant}'`,
  })
}

function counting(compiler: ReadCompiler, { preferences, options }: PlanRequest): string {
  if (preferences.count === 'exact') return `(select count(*) from (${compiler.matching()}) c)`
  // Beyond the cap the planner's number is taken; up to it counting is cheap.
  if (preferences.count === 'estimated' && options.maxRows !== null)
    return `(select count(*) from (${compiler.matching()} limit ${options.maxRows + 1}) c)`
  return 'null'
}

function estimate(request: PlanRequest, node: ReadNode, root: Root): Statement | null {
  const { preferences, catalogue, options } = request
  if (preferences.count !== 'planned' && preferences.count !== 'estimated') return null
  const builder = new Builder()
  const compiler = new ReadCompiler(builder, catalogue, node, root, options)
  return builder.statement(`explain (format json) ${compiler.matching()}`)
}

function window(query: Query): Pick<Plan, 'limit' | 'offset'> {
  return { limit: query.root.limit ?? null, offset: query.root.offset ?? null }
}

/** GET and HEAD of a table or view. */
export function planRead(request: PlanRequest): Plan {
  const { catalogue, schema, name, query, media, options } = request
  const relation = findRelation(catalogue, schema, name)
  const builder = new Builder()
  const node = resolveRead(catalogue, relationSource(relation), query)
  const root = { from: qualified(relation) }
  const compiler = new ReadCompiler(builder, catalogue, node, root, options)
  const rows = compiler.select(true)
  const text = `${outcome(counting(compiler, request), bodySql(media, false))} from (${rows}) r`
  return {
    ...plan(builder, text, 'read', query),
    estimate: estimate(request, node, root),
  }
}

function plan(builder: Builder, text: string, access: Plan['access'], query: Query): Plan {
  return {
    access,
    statement: builder.statement(text),
    estimate: null,
    ...window(query),
    routine: null,
    primaryKey: [],
    uses: 0,
  }
}

/** What a mutation does; `columns` are those its body gives values to. */
export type Mutation = { kind: 'insert' | 'put' | 'update' | 'delete'; columns: string[] }

/** POST, PUT, PATCH and DELETE of a table or view. */
export function planMutation(request: PlanRequest, mutation: Mutation): Plan {
  const { catalogue, schema, name, query, media, preferences, options } = request
  const relation = findRelation(catalogue, schema, name)
  const builder = new Builder()
  const node = resolveRead(catalogue, relationSource(relation), query)
  const conditions = node.level.conditions
  // What a mutation returned is not filtered again: its conditions may no longer hold.
  const rootNode: ReadNode = { ...node, level: { ...node.level, conditions: [] } }
  const source: Root = { from: 'src', rowType: qualified(relation) }
  const reader = new ReadCompiler(builder, catalogue, rootNode, source, options)
  const filterer = new ReadCompiler(builder, catalogue, node, { from: qualified(relation) }, options)

  const representation = preferences.return === 'representation'
  const location = preferences.return === 'headers-only' && relation.primaryKey.length > 0
  let returning = '1'
  if (representation) returning = [...usedColumns(rootNode)].map((c) => `t.${ident(c)}`).join(', ') || '1'
  else if (location) returning = relation.primaryKey.map((c) => `t.${ident(c)}::text`).join(', ')

  const changed = mutationSql(request, mutation, relation, builder, filterer, returning, conditions.length)
  const rows = representation ? reader.select(false) : location ? 'select * from src' : 'select from src'
  const body = representation ? bodySql(media, false) : location ? 'json_agg(r)::text' : 'null'
  const updated = `nullif(current_setting('${UPDATED_SETTING}', true), '')`
  const text = `with src as (${changed}) ${outcome(updated, body)} from (${rows}) r`
  return { ...plan(builder, text, 'write', query), primaryKey: relation.primaryKey }
}

function mutationSql(
  request: PlanRequest,
  mutation: Mutation,
  relation: Relation,
  builder: Builder,
  filterer: ReadCompiler,
  returning: string,
  conditions: number,
): string {
  const { query, preferences } = request
  const defaults = preferences.missing === 'default'
  const columns = payloadColumns(relation, query.columns ?? mutation.columns)
  switch (mutation.kind) {
    case 'insert': {
      const { resolution } = preferences
      const onConflict = resolution ? conflictColumns(relation, query) : []
      const kind = resolution === 'merge-duplicates' ? 'merge' : resolution ? 'ignore' : null
      return insertSql(builder, { relation, columns, defaults, resolution: kind, onConflict }, returning)
    }
    case 'put': {
      const only = primaryKeyOnly(
        relation,
        query,
        columns.map((c) => c.name),
      )
      const row = filterer.rootConditions('_').replace(/^ where /, '')
      const insert = {
        relation,
        columns,
        defaults,
        onConflict: only,
        resolution: 'merge' as const,
        only: row,
      }
      return insertSql(builder, insert, returning)
    }
    case 'update':
      requireWhere('UPDATE', conditions)
      if (columns.length === 0) return `select ${returning} from ${qualified(relation)} t where false`
      return updateSql(builder, relation, columns, defaults, filterer.rootConditions('t'), returning)
    case 'delete':
      requireWhere('DELETE', conditions)
      return deleteSql(relation, filterer.rootConditions('t'), returning)
  }
}

/** As Supabase's `safeupdate`: one forgotten filter must not change every row one may change. */
function requireWhere(verb: string, conditions: number): void {
  if (conditions === 0) throw new RestError(400, '21000', `${verb} requires a WHERE clause`)
}

/** PUT names one row: its filters are the primary key, each column once and with `eq`. */
function primaryKeyOnly(relation: Relation, { root }: Query, columns: string[]): string[] {
  const key = relation.primaryKey
  const named = root.conditions.map((c) =>
    c.kind === 'filter' && c.op === 'eq' && !c.not && !c.quantifier && c.field.path.length === 0
      ? c.field.name
      : '',
  )
  const exact = key.length > 0 && named.length === key.length && key.every((c) => named.includes(c))
  if (!exact)
    throw new RestError(
      405,
      'PGRST105',
      "Filters must include all and only primary key columns with 'eq' operators",
    )
  if (root.limit || root.offset)
    throw new RestError(400, 'PGRST114', 'limit/offset querystring parameters are not allowed for PUT')
  if (!key.every((c) => columns.includes(c)))
    throw new RestError(400, 'PGRST115', 'Payload values do not match URL in primary key column(s)')
  return key
}

/** A function's call. */
export function planCall(request: PlanRequest, body: CallBody): Plan {
  const { catalogue, schema, name, query, media, preferences, options } = request
  const routine = chooseRoutine(catalogue, schema, name, body)
  const access = body.kind === 'query' || !routine.volatile ? 'read' : 'write'
  const builder = new Builder()
  const from = callSql(builder, routine, body)
  const base = (text: string): Plan => ({ ...plan(builder, text, access, query), routine })
  if (routine.kind !== 'composite') {
    const window = routine.set
      ? ` limit ${builder.param('limit', '', (b) => b.limit)} offset ${builder.param('offset', '', (b) => b.offset)}`
      : ''
    const total = preferences.count && routine.set ? 'count(*) over ()' : 'null'
    const rows = `select v, ${total} as total from ${from} as f(v)${window}`
    const answer = routine.kind === 'void' ? 'max(r.v::text)' : bodySql(media, !routine.set, 'r.v')
    return base(`${outcome('max(r.total)', answer)} from (${rows}) r`)
  }
  // A count looks at the rows twice, but a function must be called once.
  const twice = preferences.count !== undefined
  const relation = routine.relation === null ? undefined : catalogue.byOid.get(routine.relation)
  const root: Root = twice ? { from: 'src', ...(relation ? { rowType: qualified(relation) } : {}) } : { from }
  const node = resolveRead(catalogue, routineSource(catalogue, routine), query)
  const compiler = new ReadCompiler(builder, catalogue, node, root, options)
  const rows = compiler.select(true)
  const total = twice ? `(select count(*) from (${compiler.matching()}) c)` : 'null'
  const source = twice ? `with src as materialized (select f.* from ${from} f) ` : ''
  const text = `${source}${outcome(total, bodySql(media, !routine.set))} from (${rows}) r`
  return base(text)
}
