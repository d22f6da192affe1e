// Moves rows in ranges of their key. A range whose rows and checksum are the same on both sides is left alone; any other is
// replaced in one transaction. So a move that was interrupted goes on by being started again, and one that is repeated brings
// what has changed since.

/** Brings one table to what it is at the source. Returns `{rows, moved, ranges}`; with `dryRun` it only counts. */
export async function moveTable({ source, target, table, batch, dryRun, say }) {
  const total = { rows: 0, moved: 0, ranges: 0 }
  let after = null
  do {
    const range = { after, until: await boundary(source, table, after, batch) }
    const [here, there] = await Promise.all([digest(source, table, range), digest(target, table, range)])
    total.rows += Number(here.rows)
    total.ranges += 1
    if (!same(here, there)) {
      if (!dryRun) await replace({ source, target, table, range, expected: here })
      total.moved += Number(here.rows)
      say(`${table.name}: ${total.rows} rows`)
    }
    after = range.until
  } while (after !== null)
  return total
}

/** Rows and checksum of a whole table; the order of the rows does not matter. */
export async function digest(sql, table, range = { after: null, until: null }) {
  const [row] = await sql.unsafe(`
    select count(*)::text as rows, coalesce(sum(('x' || substr(md5(t::text), 1, 15))::bit(60)::bigint), 0)::text as sum
    from (select ${columnList(table)} from ${table.name} where ${within(table, range)}) t`)
  return row
}

export const same = (a, b) => a.rows === b.rows && a.sum === b.sum

/** The key of the last row of the next range; null: what is left is one range. */
async function boundary(source, table, after, batch) {
  if (!table.key) return null
  const [row] = await source.unsafe(`
    select "${table.key}"::text as key from ${table.name} where ${within(table, { after, until: null })}
    order by "${table.key}" offset ${batch - 1} limit 1`)
  return row?.key ?? null
}

async function replace({ source, target, table, range, expected }) {
  await target.begin(async (sql) => {
    // No triggers and no foreign keys while copying, as in Supabase's own instructions for moving a database. Nothing else
    // in it: `postgres` is not the owner of Auth's tables, and could not switch them off there.
    await sql`set local session_replication_role = replica`
    await sql.unsafe(`delete from ${table.name} where ${within(table, range)}`)
    await copy(source, sql, table, range)
    const arrived = await digest(sql, table, range)
    if (!same(arrived, expected)) throw new ChangedMeanwhile(table.name)
  })
}

/** As texts, which is what PostgreSQL itself writes into a dump: no value passes through a type of JavaScript. */
async function copy(source, sql, table, range) {
  const { name, columns, types } = table
  const texts = columns.map((column) => `"${column}"::text`).join(', ')
  const rows = await source.unsafe(`select ${texts} from ${name} where ${within(table, range)}`).values()
  if (rows.length === 0) return
  const names = columns.map((_, n) => `c${n}`)
  await sql.unsafe(
    `insert into ${name} (${columnList(table)}) select ${names.map((column, n) => `${column}::${types[n]}`).join(', ')}
    from unnest(${columns.map((_, n) => `$${n + 1}::text[]`).join(', ')}) as row (${names.join(', ')})`,
    columns.map((_, n) => rows.map((row) => row[n])),
  )
}

/** Somebody wrote at the source between two looks at it. */
export class ChangedMeanwhile extends Error {
  constructor(name) {
    super(`${name} changed while it was read: start the move again once nobody writes any more.`)
  }
}

const columnList = ({ columns }) => columns.map((column) => `"${column}"`).join(', ')

/** Keys are of a type whose texts need no quoting rules: identifiers and numbers. */
function within({ key, type }, { after, until }) {
  const literal = (value) => {
    if (!/^[0-9a-f-]+$/.test(value)) throw new Error(`This is no ${type}: ${value}`)
    return `'${value}'::${type}`
  }
  const parts = [
    after !== null && `"${key}" > ${literal(after)}`,
    until !== null && `"${key}" <= ${literal(until)}`,
  ]
  return parts.filter(Boolean).join(' and ') || 'true'
}
