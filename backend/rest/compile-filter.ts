import type { Condition, Field, Filter, OrderTerm } from './ast'
import type { Catalogue } from './catalogue'
import { RestError } from './errors'
import { parseList } from './parse-filter'
import { noColumn, notEmbedded, type ReadNode } from './resolve'
import { Scanner } from './scanner'
import { arrayLiteral, type Builder, ident, qualified } from './sql'

/** What the pieces of a statement are written with. */
export type Context = {
  builder: Builder
  catalogue: Catalogue
  /** Whether the rows of `node` match what an embed of it asks; written by the read compiler. */
  exists(node: ReadNode, alias: string, embed: string): string
  /** A column of a to-one embed, for ordering. */
  related(node: ReadNode, alias: string, term: OrderTerm): string
  /** Row expression of a level, for functions of the whole row. */
  row(node: ReadNode, alias: string): string
}

/** A column, a computed column, or a JSON path into either. */
export function fieldSql(context: Context, node: ReadNode, alias: string, field: Field): string {
  const { builder } = context
  const column = node.source.columns.get(field.name)
  const computed = node.source.relation?.computed.get(field.name)
  let sql: string
  if (column) sql = `${alias}.${ident(field.name)}`
  else if (computed && !computed.set) sql = `${qualified(computed)}(${context.row(node, alias)})`
  else throw noColumn(node.source, field.name)
  if (field.path.length === 0) return sql
  const json = column && ['json', 'jsonb'].includes('base' in column ? column.base : column.type)
  return `(${json ? sql : `to_jsonb(${sql})`}${builder.jsonPath(field.path)})`
}

const COMPARE: Record<string, string> = {
  eq: '=',
  neq: '<>',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  like: 'like',
  ilike: 'ilike',
  match: '~',
  imatch: '~*',
  isdistinct: 'is distinct from',
  cs: '@>',
  cd: '<@',
  ov: '&&',
  sl: '<<',
  sr: '>>',
  nxr: '&<',
  nxl: '&>',
  adj: '-|-',
}

const SEARCH: Record<string, string> = {
  fts: 'to_tsquery',
  plfts: 'plainto_tsquery',
  phfts: 'phraseto_tsquery',
  wfts: 'websearch_to_tsquery',
}

const IS: Record<string, string> = {
  null: 'null',
  not_null: 'not null',
  true: 'true',
  false: 'false',
  unknown: 'unknown',
}

export function conditionsSql(
  context: Context,
  node: ReadNode,
  alias: string,
  conditions: Condition[],
): string[] {
  return conditions.map((condition) => conditionSql(context, node, alias, condition))
}

function conditionSql(context: Context, node: ReadNode, alias: string, condition: Condition): string {
  if (condition.kind === 'filter') return filterSql(context, node, alias, condition)
  const terms = conditionsSql(context, node, alias, condition.terms)
  return `${condition.not ? 'not ' : ''}(${terms.join(` ${condition.kind} `)})`
}

function filterSql(context: Context, node: ReadNode, alias: string, filter: Filter): string {
  const embed = embedFilter(context, node, alias, filter)
  if (embed) return embed
  const field = fieldSql(context, node, alias, filter.field)
  return `${filter.not ? 'not ' : ''}${operationSql(context, node, field, filter)}`
}

/** `posts=not.is.null`: whether there is anything to embed. */
function embedFilter(context: Context, node: ReadNode, alias: string, filter: Filter): string | null {
  const { field, op, value } = filter
  if (field.path.length > 0 || node.source.columns.has(field.name)) return null
  if (!node.embeds.some((e) => e.name === field.name)) return null
  const word = 'text' in value ? value.text : ''
  if (op !== 'is' || (word !== 'null' && word !== 'not_null'))
    throw new RestError(400, 'PGRST120', `Bad operator on the '${field.name}' embedded resource`, {
      details: 'Only is null or not is null filters are allowed on embedded resources',
    })
  const present = (word === 'not_null') !== filter.not
  return `${present ? '' : 'not '}${context.exists(node, alias, field.name)}`
}

function operationSql({ builder }: Context, node: ReadNode, field: string, filter: Filter): string {
  const { op, value, quantifier } = filter
  if (op === 'is') return `${field} is ${IS['text' in value ? value.text : ''] ?? 'null'}`
  if (op === 'in') {
    const list = builder.operand(value, 'list', (text) =>
      arrayLiteral(parseList(new Scanner(text, 'filter'))),
    )
    return `${field} = any(${list})`
  }
  const search = SEARCH[op]
  if (search) return searchSql(builder, node, field, filter, search)
  const like = op === 'like' || op === 'ilike'
  const operand = like
    ? builder.operand(value, 'pattern', (text) => text.replaceAll('*', '%'))
    : builder.operand(value)
  return `${field} ${COMPARE[op]} ${quantifier ? `${quantifier}(${operand})` : operand}`
}

function searchSql(builder: Builder, node: ReadNode, field: string, filter: Filter, search: string): string {
  const language = filter.language === undefined ? '' : `${builder.constant(filter.language)}::regconfig, `
  const column = node.source.columns.get(filter.field.name)
  const vector = filter.field.path.length === 0 && column?.type === 'tsvector'
  const document = vector ? field : `to_tsvector(${language}${field})`
  return `${document} @@ ${search}(${language}${builder.operand(filter.value)})`
}

export function orderSql(context: Context, node: ReadNode, alias: string): string {
  const terms = (node.level.order ?? []).map((term) => {
    const field =
      term.relation === undefined
        ? fieldSql(context, node, alias, term.field)
        : context.related(node, alias, term)
    const direction = term.direction ? ` ${term.direction}` : ''
    return `${field}${direction}${term.nulls ? ` nulls ${term.nulls}` : ''}`
  })
  return terms.length > 0 ? ` order by ${terms.join(', ')}` : ''
}

/** The embed of a level that a name means, or PGRST108. */
export function embedOf(node: ReadNode, name: string) {
  const embed = node.embeds.find((e) => e.name === name)
  if (!embed) throw notEmbedded(name)
  return embed
}

/** A WHERE clause, or nothing. */
export function whereSql(conditions: string[]): string {
  return conditions.length > 0 ? ` where ${conditions.join(' and ')}` : ''
}
