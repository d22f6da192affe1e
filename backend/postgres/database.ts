import postgres from 'postgres'

/** Where PostgreSQL listens and how each role signs in. */
export type Endpoint = {
  /** Folder of the Unix socket, or a host name. */
  host: string
  port: number
  database: string
  /** Query part of an external URL (`sslmode=require` …). */
  ssl?: postgres.Options<Record<string, never>>['ssl']
  /** How a role of the base schema signs in: as itself, or as `user` who then becomes `role`. */
  login(role: string): { user: string; password: string; role?: string }
}

/** The database as parts of the backend see it. */
export type Database = {
  /** Connection URL for a login role, understood by libpq, `pg` and the supabase CLI. For postgres.js: `connect`. */
  url(role?: string): string
  /** A pool of one's own. End it before `stop`. */
  connect(role?: string, options?: postgres.Options<Record<string, never>>): postgres.Sql
  /** `supabase_admin`, a superuser: internal work of the backend, never a request's own query. */
  admin: postgres.Sql
  /** `authenticator`: what REST runs on, after it has become the request's role. */
  api: postgres.Sql
  /** `supabase_auth_admin`. */
  auth: postgres.Sql
  stop(): Promise<void>
}

/** Opens the pools. Nothing connects before the first query; connections come back after a database restart. */
export function openDatabase(endpoint: Endpoint): Database {
  function connect(role = 'postgres', options: postgres.Options<Record<string, never>> = {}): postgres.Sql {
    const { user, password, role: become } = endpoint.login(role)
    const { host, port, database, ssl } = endpoint
    return postgres({
      ...{ host, port, database, user, password, ssl },
      onnotice: () => {},
      connect_timeout: 5,
      // The default waits up to 20 s between attempts: too long after a database that was away for a moment.
      backoff: (retries: number) => Math.min(0.05 * 2 ** retries, 0.5),
      ...options,
      connection: { ...(become ? { role: become } : {}), ...options.connection },
    })
  }
  const name = (part: string) => ({ connection: { application_name: `enterprise-chat ${part}` } })
  const admin = connect('supabase_admin', { max: 5, ...name('backend') })
  const api = connect('authenticator', { max: 20, ...name('rest') })
  // Auth sends no arrays: a new connection need not ask for their types.
  const auth = connect('supabase_auth_admin', { max: 5, fetch_types: false, ...name('auth') })
  return {
    url: (role = 'postgres') => connectionUrl(endpoint, role),
    connect,
    admin,
    api,
    auth,
    async stop() {
      await Promise.all([admin, api, auth].map((pool) => pool.end({ timeout: 5 })))
    },
  }
}

/** A URL for a role at an endpoint; a socket folder travels in the query, where libpq and `pg` look for it. */
export function connectionUrl({ host, port, database, ssl, login }: Endpoint, role: string): string {
  const { user, password } = login(role)
  const socket = host.startsWith('/')
  const who = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`
  const mode = typeof ssl === 'string' ? `?sslmode=${ssl}` : ''
  const query = socket ? `?host=${encodeURIComponent(host)}` : mode
  return `postgresql://${who}@${socket ? 'localhost' : host}:${port}/${encodeURIComponent(database)}${query}`
}

/** The same URL for node-postgres, which by itself takes `sslmode=require` for more than libpq does. */
export function nodePostgresUrl(url: string): string {
  return url.includes('?sslmode=') ? `${url}&uselibpqcompat=true` : url
}
