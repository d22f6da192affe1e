import postgres from 'postgres'
import { errorCode, StartError } from '../start-error'
import { type Endpoint, openDatabase } from './database'

/**
 * The endpoint of a PostgreSQL that somebody else runs. Its own user does what `supabase_admin` does; the roles of
 * the base schema sign in with passwords of ours.
 */
export function externalEndpoint(databaseUrl: string, passwords: Record<string, string>): Endpoint {
  const url = new URL(databaseUrl)
  const user = decodeURIComponent(url.username) || 'postgres'
  const password = decodeURIComponent(url.password)
  const mode = url.searchParams.get('sslmode')
  return {
    host: url.searchParams.get('host') ?? url.hostname,
    port: Number(url.port || 5432),
    database: decodeURIComponent(url.pathname.slice(1)) || 'postgres',
    ...(mode && mode !== 'disable' ? { ssl: mode as 'require' } : {}),
    login(role) {
      if (role === user || role === 'supabase_admin') return { user, password }
      // It may be there already, with a password that is not ours to know or to change.
      if (role === 'postgres') return { user, password, role }
      return { user: role, password: passwords[role] ?? '' }
    },
  }
}

/** Refuses, with the reason, a server that the base schema cannot be put on. */
export async function checkExternal(endpoint: Endpoint): Promise<void> {
  const { host, port, database } = endpoint
  const { user, password } = endpoint.login('supabase_admin')
  const options = { host, port, database, user, password, max: 1, connect_timeout: 10, onnotice: () => {} }
  const sql = postgres({ ...options, ssl: endpoint.ssl ?? false })
  try {
    const [server] = await sql<{ version: number; level: string; superuser: boolean }[]>`
      select current_setting('server_version_num')::int as version, current_setting('wal_level') as level,
        rolsuper as superuser from pg_roles where rolname = current_user`
    if (!server) throw new StartError('DATABASE_URL: its user has no role.')
    if (server.version < 150_000) throw new StartError('DATABASE_URL: PostgreSQL 15 or newer is needed.')
    if (server.level !== 'logical') {
      throw new StartError('DATABASE_URL: set "wal_level = logical" in that server and restart it.')
    }
    if (!server.superuser) {
      throw new StartError(
        'DATABASE_URL: its user must be a superuser, to make the roles and schemas. For a Supabase project set SUPABASE_URL and SUPABASE_ANON_KEY instead.',
      )
    }
  } catch (error) {
    if (error instanceof StartError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartError(`DATABASE_URL: no connection to ${host} (${errorCode(error) ?? 'error'}): ${reason}`)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

/** Whether the roles of the base schema are ours: others' have passwords that we do not know. */
export async function checkRoles(endpoint: Endpoint): Promise<void> {
  const database = openDatabase(endpoint)
  try {
    await database.api`select 1`
  } catch (error) {
    if (!errorCode(error)?.startsWith('28')) throw error
    throw new StartError(
      'DATABASE_URL: that server has a role "authenticator" which is not ours. Give a database server of its own, or set SUPABASE_URL to use a Supabase project.',
    )
  } finally {
    await database.stop()
  }
}
