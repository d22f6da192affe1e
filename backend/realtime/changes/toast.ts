import type postgres from 'postgres'
import type { Horizon } from '../horizon'
import { textArray } from '../pools'
import type { Table } from './catalogue'
import { type Change, valuesOf } from './payload'
import { quoteIdent } from './probes'

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
  const query = `select xmin::text as xid, ${printed(missing)} as values from ${rowOf(table)}`
  const [found] = await sql.unsafe<{ xid: string; values: (string | null)[] }[]>(query, [textArray(key)])
  // Deleted since: what is not known is left out.
  if (!found) return { current: true }
  for (const [i, name] of missing.entries()) {
    const at = change.at.get(name)
    if (at !== undefined) row[at] = found.values[i] ?? null
  }
  return { current: Number(found.xid) === xid >>> 0 }
}

/** Some values of a row as it is now; null: it is gone. `reader`: a superuser that prints as the stream does. */
export async function rowValues(
  { reader, horizon }: { reader: postgres.Sql; horizon: Horizon },
  table: Table,
  key: (string | null)[],
  columns: string[],
): Promise<(string | null)[] | null> {
  const query = `select pg_current_snapshot()::text as snapshot, (select ${printed(columns)} from ${rowOf(table)}) as values`
  const { values } = await horizon.ask(async () => {
    const [row] = await reader.unsafe<{ snapshot: string; values: (string | null)[] | null }[]>(query, [
      textArray(key),
    ])
    return row ?? { snapshot: '', values: null }
  })
  return values
}

/** As the stream prints it; a cast to text prints some types differently. */
function printed(columns: string[]): string {
  const values = columns
    .map(quoteIdent)
    .map((name) => `case when ${name} is not null then format('%s', ${name}) end`)
  return `json_build_array(${values.join(', ')})`
}

/** The row whose key is in `$1`. */
function rowOf({ schema, name, key, columns }: Table): string {
  const where = key.map(
    (each, i) => `${quoteIdent(each)} = ($1::text[])[${i + 1}]::${columns.get(each)?.sqlType}`,
  )
  return `${quoteIdent(schema)}.${quoteIdent(name)} where ${where.join(' and ')}`
}
