import type { Operand, Query } from './ast'
import type { Catalogue, Relation, Routine } from './catalogue'
import { ReadCompiler, type ReadOptions, type Root } from './compile-read'
import { RestError } from './errors'
import type { Media } from './media'
import { nearest } from './nearest'
import type { Preferences } from './preferences'
import { type ReadNode, relationSource, resolveRead } from './resolve'
import { Builder, qualified, type Statement } from './sql'

/** The SQL of every request of one shape. */
export type Plan = {
  access: 'read' | 'write'
  statement: Statement
  /** Asks the planner how many rows there are (`count=planned`, `estimated`). */
  estimate: Statement | null
  /** Operands of the root's `limit` and `offset`. */
  limit: Operand | null
  offset: Operand | null
  /** Rows of the answer, at most: what a mutation changed is shown whole. */
  maxRows: number | null
  routine: Routine | null
}

/** What a plan depends on. */
export type PlanRequest = {
  catalogue: Catalogue
  schema: string
  name: string
  query: Query
  media: Media
  preferences: Preferences
  options: ReadOptions
  /** HEAD wants no body, so none is made. */
  head: boolean
}

/** An answer that is larger is not sent: it would have to be held in memory, several times. */
export const MAX_ANSWER_BYTES = 32 * 1024 * 1024

/**
 * Every statement returns one row of these texts: rows, total, body, response headers, response status, size of the body.
 * A body that is too large stays in the database.
 */
export function outcome(total: string, body: string, from: string): string {
  const guc = (name: string) => `nullif(current_setting('response.${name}', true), '')`
  const all = `select count(*)::text as rows, ${total}::text as total, ${body} as body, ${guc('headers')} as headers, ${guc('status')} as status from ${from}`
  const fitting = `case when octet_length(o.body) <= ${MAX_ANSWER_BYTES} then o.body end`
  return `select o.rows, o.total, ${fitting}, o.headers, o.status, octet_length(o.body)::text from (${all}) o`
}

/** The answer's text, made of rows called `r`; `value` is what of a row becomes JSON. */
export function bodySql({ media, head }: PlanRequest, single: boolean, value = 'r.*'): string {
  if (head) return 'null'
  if (media.kind === 'csv') {
    const header = `(select coalesce(string_agg(k, ','), '') from json_object_keys(json_agg(r.*)->0) k)`
    return `${header} || e'\\n' || coalesce(string_agg(substring((r.*)::text, 2, length((r.*)::text) - 2), e'\\n'), '')`
  }
  const one = single || media.kind === 'object'
  const list = `json_agg(${value})${one ? '->0' : ''}`
  const json = media.stripNulls ? `json_strip_nulls(${list})` : list
  return `coalesce(${json}, '${one ? 'null' : '[]'}')::text`
}

/** A table or view of the catalogue, or PGRST205. */
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

/** A plan of one statement. */
export function makePlan(
  { query, options }: PlanRequest,
  builder: Builder,
  text: string,
  access: Plan['access'],
): Plan {
  return {
    access,
    statement: builder.statement(text),
    estimate: null,
    limit: query.root.limit ?? null,
    offset: query.root.offset ?? null,
    maxRows: options.maxRows,
    routine: null,
  }
}

/** GET and HEAD of a table or view. */
export function planRead(request: PlanRequest): Plan {
  const { catalogue, schema, name, query, options } = request
  const relation = findRelation(catalogue, schema, name)
  const builder = new Builder()
  const node = resolveRead(catalogue, relationSource(relation), query)
  const root = { from: qualified(relation) }
  const compiler = new ReadCompiler(builder, catalogue, node, root, options)
  const rows = compiler.select(true)
  const text = outcome(counting(compiler, request), bodySql(request, false), `(${rows}) r`)
  return { ...makePlan(request, builder, text, 'read'), estimate: estimate(request, node, root) }
}
