import type { Query } from './ast'
import type { Column, Relation } from './catalogue'
import {
  conflictColumns,
  deleteSql,
  insertSql,
  payloadColumns,
  UPDATED_SETTING,
  updateSql,
} from './compile-mutate'
import { ReadCompiler, type Root } from './compile-read'
import { RestError } from './errors'
import { bodySql, findRelation, makePlan, outcome, type Plan, type PlanRequest, withMedia } from './plan'
import { type ReadNode, relationSource, resolveRead, usedColumns } from './resolve'
import { Builder, ident, qualified } from './sql'

/** What a mutation does; `columns` are those its body gives values to. */
export type Mutation = { kind: 'insert' | 'put' | 'update' | 'delete'; columns: string[] }

/** POST, PUT, PATCH and DELETE of a table or view. */
export function planMutation(asked: PlanRequest, mutation: Mutation): Plan {
  const { catalogue, schema, name, query, preferences, options } = asked
  const relation = findRelation(catalogue, schema, name)
  const request = withMedia(asked, relation)
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
  if (representation) returning = returningColumns(relation, rootNode)
  else if (location) returning = relation.primaryKey.map((c) => `t.${ident(c)}::text`).join(', ')

  const changed = mutationSql(request, mutation, relation, builder, filterer, returning, conditions.length)
  const rows = representation ? reader.select(false) : location ? 'select * from src' : 'select from src'
  const body = representation ? bodySql(request, false) : location ? 'json_agg(r.*)::text' : 'null'
  const inserts = mutation.kind === 'insert' || mutation.kind === 'put'
  const updated = `nullif(current_setting('${UPDATED_SETTING}', true), '')`
  const total = inserts ? updated : '(select count(*) from src)'
  const text = `with src as (${changed}) ${outcome(total, body, `(${rows}) r`)}`
  return { ...makePlan(request, builder, text, 'write'), maxRows: null }
}

/** In the order of the relation, so that the whole row can be cast back to its type. */
function returningColumns(relation: Relation, node: ReadNode): string {
  const used = usedColumns(node)
  const columns = [...relation.columns.keys()].filter((c) => used.has(c))
  return columns.map((c) => `t.${ident(c)}`).join(', ') || '1'
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
      const key = primaryKeyOnly(relation, query, columns)
      const only = filterer.rootConditions('_')
      const insert = { relation, columns, defaults, onConflict: key, resolution: 'merge' as const, only }
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
function primaryKeyOnly(relation: Relation, { root }: Query, columns: Column[]): string[] {
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
  if (!key.every((name) => columns.some((c) => c.name === name)))
    throw new RestError(400, 'PGRST115', 'Payload values do not match URL in primary key column(s)')
  return key
}
