import type { Operand, Query } from './ast'
import type { Catalogue, Handler, Relation, Routine } from './catalogue'
import { ReadCompiler, type ReadOptions, type Root } from './compile-read'
import { RestError } from './errors'
import { type Custom, chooseMedia, type Explain, type Media } from './media'
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
  /** The form of the answer, which the database may have one of its own of. */
  media: Media
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
export function bodySql({ media, head, catalogue }: PlanRequest, single: boolean, value = 'r.*'): string {
  if (head) return 'null'
  if (media.custom) return customSql(media.custom, catalogue, value)
  if (media.kind === 'csv') {
    const header = `(select coalesce(string_agg(k, ','), '') from json_object_keys(json_agg(r.*)->0) k)`
    return `${header} || e'\\n' || coalesce(string_agg(substring((r.*)::text, 2, length((r.*)::text) - 2), e'\\n'), '')`
  }
  const one = single || media.kind === 'object'
  const list = `json_agg(${value})${one ? '->0' : ''}`
  const json = media.stripNulls ? `json_strip_nulls(${list})` : list
  return `coalesce(${json}, '${one ? 'null' : '[]'}')::text`
}

/** A form of the database's own, as text: of bytes the hexadecimal digits. */
function customSql({ bytes, aggregate }: Custom, catalogue: Catalogue, value: string): string {
  const text = (sql: string) => (bytes ? `encode(${sql}::bytea, 'hex')` : `${sql}::text`)
  if (!aggregate) return `coalesce(string_agg(${text(value)}, ''), '')`
  const relation = aggregate.relation === null ? undefined : catalogue.byOid.get(aggregate.relation)
  return `coalesce(${text(`${qualified(aggregate)}(${relation ? `row(r.*)::${qualified(relation)}` : 'r'})`)}, '')`
}

/** The request with the form of its answer settled for rows of a relation. */
export function withMedia(request: PlanRequest, relation: Relation | null): PlanRequest {
  const { catalogue, media, query } = request
  const whole = query.select.every((item) => item.kind === 'star')
  const find = (type: string, of: number | null): Handler | undefined =>
    catalogue.handlers.find((h) => h.relation === of && h.type === type)
  const custom = (wanted: string) => {
    // The aggregate of one relation takes its whole rows, in their order.
    const found = (relation && whole ? find(wanted, relation.oid) : undefined) ?? find(wanted, null)
    return found ? { type: found.type, bytes: found.bytes, aggregate: found } : null
  }
  return { ...request, media: chooseMedia(media, custom) }
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
  { query, options, media }: PlanRequest,
  builder: Builder,
  text: string,
  access: Plan['access'],
): Plan {
  return {
    access,
    statement: builder.statement(media.explain ? explained(text, media.explain) : text),
    estimate: null,
    limit: query.root.limit ?? null,
    offset: query.root.offset ?? null,
    maxRows: options.maxRows,
    routine: null,
    media,
  }
}

/** The options are words of ours. */
function explained(text: string, { format, options }: Explain): string {
  return `explain (${[`format ${format}`, ...options].join(', ')}) ${text}`
}

/** GET and HEAD of a table or view. */
export function planRead(asked: PlanRequest): Plan {
  const { catalogue, schema, name, query, options } = asked
  const relation = findRelation(catalogue, schema, name)
  const request = withMedia(asked, relation)
  const builder = new Builder()
  const node = resolveRead(catalogue, relationSource(relation), query)
  const root = { from: qualified(relation) }
  const compiler = new ReadCompiler(builder, catalogue, node, root, options)
  const rows = compiler.select(true)
  const text = outcome(counting(compiler, request), bodySql(request, false), `(${rows}) r`)
  return {
    ...makePlan(request, builder, text, 'read'),
    estimate: request.media.explain ? null : estimate(request, node, root),
  }
}
