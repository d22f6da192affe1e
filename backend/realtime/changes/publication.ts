import type postgres from 'postgres'
import { textArray } from '../pools'
import type { Dependency } from './declarations'
import { quoteIdent } from './probes'

/** The publication of what the server itself follows; `supabase_realtime` is the owner's. */
export const OWN_PUBLICATION = 'realtime_internal'

/** Sign-ins and accounts; of accounts only what says whether they may be used. */
const FIXED = 'table auth.sessions, table auth.users (id, banned_until, deleted_at)'

/** Makes the publication. Before the slot: a slot does not know of publications that came later. */
export async function createPublication(admin: postgres.Sql): Promise<void> {
  const [found] = await admin`select from pg_publication where pubname = ${OWN_PUBLICATION}`
  if (!found) {
    await admin.unsafe(
      `create publication ${OWN_PUBLICATION} for ${FIXED} with (publish_via_partition_root = true)`,
    )
  }
}

/**
 * Gets changes of these tables into the stream. Without a replica identity PostgreSQL would refuse updates of a
 * published table, so such a table is left alone; its name (`schema.table`) is not among those returned.
 */
export async function followTables(admin: postgres.Sql, tables: Dependency[]): Promise<Set<string>> {
  const names = [...new Set(tables.map(({ schema, table }) => `${quoteIdent(schema)}.${quoteIdent(table)}`))]
  const found = await admin<{ schema: string; name: string; published: boolean }[]>`
    select n.nspname as schema, c.relname as name, exists (
      select from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
      where p.pubname = ${OWN_PUBLICATION} and r.prrelid = c.oid
    ) as published
    from unnest(${textArray(names)}::text[]) as wanted (name)
    join pg_class c on c.oid = to_regclass(wanted.name)
    join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and c.relpersistence = 'p'
      and (c.relreplident in ('f', 'i')
        or (c.relreplident = 'd' and exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)))`
  for (const { schema, name, published } of found) {
    if (published) continue
    const table = `${quoteIdent(schema)}.${quoteIdent(name)}`
    await admin.unsafe(`alter publication ${OWN_PUBLICATION} add table ${table}`)
  }
  return new Set(found.map(({ schema, name }) => `${schema}.${name}`))
}
