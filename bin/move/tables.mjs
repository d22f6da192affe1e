// What moves: everything of the product's schemas, and of Auth's what says who somebody is.

/**
 * Accounts, how they sign in, and their company's identity providers. Not sessions, codes and challenges: tokens are signed
 * with keys that stay where they are, so everybody signs in once. Not custom_oauth_providers: see connections.mjs.
 */
const AUTH_TABLES = [
  'users',
  'identities',
  'mfa_factors',
  'webauthn_credentials',
  'sso_providers',
  'sso_domains',
  'saml_providers',
]

/** By which a table can be read in ranges. Others are small, and moved as one. */
const RANGE_TYPES = new Set(['uuid', 'bigint', 'integer'])

/**
 * The tables of both databases: `{name, columns, types, key, type}`, with the columns that both have and PostgreSQL does not
 * make itself, and the first column of the primary key where rows can be read in ranges of it.
 */
export async function listTables(source, target) {
  const [here, there] = await Promise.all([describe(source), describe(target)])
  return here.map((table) => {
    const twin = there.find(({ name }) => name === table.name)
    if (!twin) throw new Error(`${table.name} is not in the target: its migrations are older than these.`)
    const columns = table.columns.filter((column) => twin.columns.includes(column))
    const alien = twin.required.filter((column) => !columns.includes(column))
    const lost = table.name.startsWith('auth.')
      ? []
      : table.columns.filter((column) => !columns.includes(column))
    if (alien.length > 0 || lost.length > 0) {
      throw new Error(`${table.name}: the target has other columns (${[...alien, ...lost].join(', ')}).`)
    }
    const types = columns.map((column) => twin.types[twin.columns.indexOf(column)])
    return { ...table, columns, types, key: RANGE_TYPES.has(table.type) ? table.key : null }
  })
}

async function describe(sql) {
  return await sql`
    select format('%I.%I', n.nspname, c.relname) as name, k.attname as key, format_type(k.atttypid, null) as type,
      array(
        select a.attname::text from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum
      ) as columns,
      array(
        select format_type(a.atttypid, a.atttypmod) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum
      ) as types,
      array(
        select a.attname::text from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attnotnull and not a.atthasdef
          and a.attidentity = ''
      ) as required
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_index i on i.indrelid = c.oid and i.indisprimary
    join pg_attribute k on k.attrelid = c.oid and k.attnum = i.indkey[0]
    where c.relkind = 'r'
      and (n.nspname in ('public', 'private') or (n.nspname = 'auth' and c.relname::text = any (${AUTH_TABLES})))
    order by n.nspname <> 'auth', n.nspname <> 'public', c.relname`
}

/** Numbers that a table takes from a sequence go on where the source is. */
export async function moveSequences(source, target) {
  const sequences = await source`
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'S' and n.nspname in ('public', 'private')`
  for (const { name } of sequences) {
    const [{ last_value, is_called }] = await source.unsafe(`select last_value, is_called from ${name}`)
    await target`select setval(${name}::regclass, ${last_value}, ${is_called})`
  }
  return sequences.length
}
