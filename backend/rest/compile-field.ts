import type { Field, FieldItem } from './ast'
import { type Context, fieldSql } from './compile-filter'
import { RestError } from './errors'
import type { ReadNode } from './resolve'
import { ident, resultName } from './sql'

/** An item of a select as SQL, and its name in the answer. */
export function columnSql(context: Context, node: ReadNode, alias: string, item: FieldItem) {
  let sql = item.field === null ? '*' : valueSql(context, node, alias, item, item.field)
  if (item.aggregate) sql = castSql(context, `${item.aggregate}(${sql})`, item.aggregateCast)
  return { sql, name: columnName(item) }
}

/** What an item takes from each row, before any aggregate. */
export function valueSql(
  context: Context,
  node: ReadNode,
  alias: string,
  item: FieldItem,
  field: Field,
): string {
  return castSql(context, fieldSql(context, node, alias, field), item.cast)
}

/** A cast to a type of the catalogue. */
export function castSql({ catalogue }: Context, sql: string, type: string | undefined): string {
  if (type === undefined) return sql
  const array = type.endsWith('[]')
  const found = catalogue.types.get((array ? type.slice(0, -2) : type).trim())
  if (found === undefined) throw new RestError(400, '42704', `type "${type}" does not exist`)
  return `cast(${sql} as ${found}${array ? '[]' : ''})`
}

/** The name of an item in the answer, as an identifier. */
export function columnName({ alias, aggregate, field }: FieldItem): string {
  if (alias !== undefined) return resultName(alias)
  if (aggregate) return aggregate
  const key = field?.path.findLast(({ key }) => typeof key === 'string')?.key
  return typeof key === 'string' ? resultName(key) : ident(field?.name ?? '')
}
