import postgres from 'postgres'

type Options = postgres.Options<Record<string, never>>

/** Connects with the URL in `secrets.json`. A socket folder is in its query, where libpq looks and postgres.js does not. */
export function connectDatabase(databaseUrl: string, options: Options = {}): postgres.Sql {
  const url = new URL(databaseUrl)
  return postgres({
    host: url.searchParams.get('host') ?? url.hostname,
    port: Number(url.port || 5432),
    database: url.pathname.slice(1),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    onnotice: () => {},
    ...options,
  })
}
