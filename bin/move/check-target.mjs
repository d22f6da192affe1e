/**
 * Rejects when the target must not or cannot be filled: other people are in it, whose rows would be taken away, or its
 * triggers would run while rows are copied.
 */
export async function checkTarget(source, target) {
  const [{ version }] = await target`select current_setting('server_version_num')::int as version`
  if (version < 150_000) throw new Error('The target needs PostgreSQL 15 or newer.')
  const here = new Set((await source`select id from auth.users`).map(({ id }) => id))
  const strangers = (await target`select id, email from auth.users`).filter(({ id }) => !here.has(id))
  if (strangers.length > 0) {
    throw new Error(
      `The target has ${strangers.length} accounts that are not from here (${strangers[0].email ?? strangers[0].id}). Only an empty project, or one that this installation was moved to before, can be filled.`,
    )
  }
  await target
    .begin((sql) => sql`set local session_replication_role = replica`)
    .catch((error) => {
      throw new Error(
        `The target's user may not set session_replication_role (${error.message}). On Supabase "postgres" may; on other servers connect as a superuser, or: grant set on parameter session_replication_role to postgres.`,
      )
    })
  const auth = await target`
    select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'auth' and c.relname in ('users', 'identities', 'mfa_factors')
      and not has_table_privilege(c.oid, 'insert, update, delete')`
  if (auth.length > 0)
    throw new Error(`The target's user may not write ${auth[0].name}: connect as "postgres".`)
}
