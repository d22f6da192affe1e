import type postgres from 'postgres'
import { textArray } from '../pools'
import { type Change, valuesOf } from './payload'
import { quoteIdent } from './policies'

/**
 * Fills in long values that an update did not touch: PostgreSQL does not put them into the stream. They are read from
 * the row as it is now. `current`: that row is exactly the one this transaction wrote. Otherwise somebody changed it
 * since, and only those may see the result who may see the row as it is now.
 */
export async function fillUnchanged(
  sql: postgres.Sql,
  change: Change,
  xid: number,
): Promise<{ current: boolean }> {
  const { new: row, names, table } = change
  const missing = names.filter((name, i) => row?.[i] === undefined && table.columns.has(name))
  const key = valuesOf(change, row, table.key)
  if (!row || missing.length === 0 || !key || key.length === 0) return { current: true }
  // As the stream prints it; a cast to text prints some types differently.
  const columns = missing
    .map(quoteIdent)
    .map((name) => `case when ${name} is not null then format('%s', ${name}) end`)
  const where = table.key.map(
    (name, i) => `${quoteIdent(name)} = ($1::text[])[${i + 1}]::${table.columns.get(name)?.sqlType}`,
  )
  const query = `select xmin::text as xid, json_build_array(${columns.join(', ')}) as values
    from ${quoteIdent(table.schema)}.${quoteIdent(table.name)} where ${where.join(' and ')}`
  const [found] = await sql.unsafe<{ xid: string; values: (string | null)[] }[]>(query, [textArray(key)])
  // Deleted since: what is not known is left out.
  if (!found) return { current: true }
  for (const [i, name] of missing.entries()) {
    const at = change.at.get(name)
    if (at !== undefined) row[at] = found.values[i] ?? null
  }
  return { current: Number(found.xid) === xid >>> 0 }
}
