import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isDatabaseAway } from '../errors'
import { lockFolder, lockHolder } from '../lock'
import { createLogger, logDatabaseLine } from '../log'
import { startCluster } from '../postgres/cluster'
import { type Database, openDatabase } from '../postgres/database'
import { loadSecrets } from '../secrets'
import type { Settings } from '../settings'
import { StartError } from '../start-error'

/**
 * Works with the database of a data folder as it is, without migrating it: the one that runs, else one that is started
 * for this and stopped again. `locked`: the caller holds the folder's lock.
 */
export async function withDatabase<T>(
  settings: Settings,
  work: (database: Database) => Promise<T>,
  { locked = false } = {},
): Promise<T> {
  const { dataDir } = settings
  refuseForeign(settings)
  if (!existsSync(join(dataDir, 'postgres'))) {
    throw new StartError(`There is no installation in ${dataDir}: check DATA_DIR, or start it once.`)
  }
  const secrets = await loadSecrets(dataDir, settings.jwtSecret)
  const login = (role: string) => ({ user: role, password: secrets.passwords[role] ?? '' })
  const open = async (host: string, port: number) => {
    const database = openDatabase({ host, port, database: 'postgres', login })
    return work(database)
      .catch((error: unknown) => {
        if (!isDatabaseAway(error)) throw error
        throw new StartError(
          `The database of ${dataDir} does not answer: it may be starting or stopping, try again.`,
        )
      })
      .finally(() => database.stop())
  }
  if (!locked && (await lockHolder(dataDir))) {
    if (!secrets.databaseUrl) throw new StartError(`${dataDir} is being started: try again in a moment.`)
    const url = new URL(secrets.databaseUrl)
    return open(url.searchParams.get('host') ?? url.hostname, Number(url.port))
  }
  const release = locked ? async () => {} : await lockFolder(dataDir)
  try {
    const log = createLogger('error')
    const cluster = await startCluster({
      dataFolder: dataDir,
      password: secrets.passwords.supabase_admin ?? '',
      log: (line) => logDatabaseLine(log, line),
    })
    return await open(cluster.socketFolder, cluster.port).finally(() => cluster.stop())
  } finally {
    await release()
  }
}

/** Refuses a database that is not ours to copy. */
export function refuseForeign({ supabaseUrl, databaseUrl }: Settings): void {
  if (supabaseUrl) {
    throw new StartError('Supabase keeps this installation’s data: use the backups of the Supabase project.')
  }
  if (databaseUrl) {
    throw new StartError(
      'DATABASE_URL names a PostgreSQL of your own: back it up with its own tools (pg_dump, pg_basebackup), and DATA_DIR beside it.',
    )
  }
}
