import { finishRestore } from '../backup/finish-restore'
import { type Logger, logDatabaseLine } from '../log'
import type { Secrets } from '../secrets'
import type { Settings } from '../settings'
import { applyBaseSchema } from './base-schema'
import { type Cluster, startCluster } from './cluster'
import { connectionUrl, type Database, type Endpoint, openDatabase } from './database'
import { checkExternal, checkRoles, externalEndpoint } from './external'
import { checkKnown, listApplied, listMigrations, migrate } from './migrate'
import { setPasswords } from './passwords'

/** Starts the embedded PostgreSQL, or reaches the one that DATABASE_URL names, and brings its schema up to date. */
export async function openPreparedDatabase(
  settings: Settings,
  secrets: Secrets,
  log: Logger,
): Promise<Database> {
  // Before anything is made: a wrong folder is the operator's slip of the pen.
  await listMigrations(settings.migrationsDir)
  const cluster = settings.databaseUrl ? undefined : await startEmbedded(settings, secrets, log)
  try {
    const endpoint = cluster
      ? embeddedEndpoint(cluster, secrets)
      : externalEndpoint(settings.databaseUrl ?? '', secrets.passwords)
    if (!cluster) await checkExternal(endpoint)
    const database = openDatabase(endpoint)
    try {
      await prepare(database, endpoint, settings, secrets, log)
    } catch (error) {
      await database.stop()
      throw error
    }
    return {
      ...database,
      async stop() {
        await database.stop()
        await cluster?.stop()
      },
    }
  } catch (error) {
    await cluster?.stop()
    throw error
  }
}

function startEmbedded(settings: Settings, secrets: Secrets, log: Logger): Promise<Cluster> {
  return startCluster({
    dataFolder: settings.dataDir,
    password: secrets.passwords.supabase_admin ?? '',
    ...(settings.databasePort ? { port: settings.databasePort } : {}),
    log: (line) => logDatabaseLine(log, line),
  })
}

function embeddedEndpoint({ socketFolder, port }: Cluster, { passwords }: Secrets): Endpoint {
  const login = (role: string) => ({ user: role, password: passwords[role] ?? '' })
  return { host: socketFolder, port, database: 'postgres', login }
}

async function prepare(
  database: Database,
  endpoint: Endpoint,
  settings: Settings,
  secrets: Secrets,
  log: Logger,
): Promise<void> {
  const whose = `${settings.databaseUrl ? 'The database' : settings.dataDir} was used by a newer release`
  checkKnown(await listApplied(database.admin), await listMigrations(settings.migrationsDir), whose)
  await applyBaseSchema(database.admin)
  await setPasswords(database.admin, secrets.passwords)
  if (settings.databaseUrl) await checkRoles(endpoint)
  const owner = database.connect('postgres', { max: 1 })
  const applied = await migrate(owner, settings.migrationsDir).finally(() => owner.end())
  if (applied.length > 0) log.info({ versions: applied }, 'Migrations applied')
  if (!settings.databaseUrl) await finishRestore(database.admin, settings.dataDir, log)
}

/** The URL for `secrets.json`: over TCP where that is open, for tools that cannot use a socket. */
export function publishedUrl(database: Database, settings: Settings, secrets: Secrets): string {
  if (settings.databaseUrl || !settings.databasePort) return database.url()
  const login = (role: string) => ({ user: role, password: secrets.passwords[role] ?? '' })
  return connectionUrl(
    { host: '127.0.0.1', port: settings.databasePort, database: 'postgres', login },
    'postgres',
  )
}
