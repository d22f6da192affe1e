import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { createLogger, logDatabaseLine } from '../log'
import type { Database } from '../postgres/database'
import { makeSecrets, type Secrets } from '../secrets'
import { openServer } from '../server'
import { serviceList } from '../service-list'
import type { ServiceFactory } from '../services'
import { parseSettings, type Settings } from '../settings'
import { copyOfTemplate, startCopy } from './template'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What a test database is made with. */
export type TestDatabaseOptions = {
  /** Folder of migrations to apply; `null` for the base schema alone. Default: the product's. */
  migrationsDir?: string | null
  /** Write as safely as in production; tests that kill things want that. Default: false. */
  durable?: boolean
  /** Level of the log, for looking into a failing test. Default: silent. */
  logLevel?: string
}

/** A database of one's own. `stop` also ends the server and removes its folder. */
export type TestDatabase = Database & {
  dataFolder: string
  passwords: Record<string, string>
  /** The process id of the postmaster. */
  pid(): number | undefined
}

/** Starts a PostgreSQL of its own with the base schema and migrations, in a temporary folder. */
export async function startTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { migrationsDir = `${root}supabase/migrations`, durable, logLevel = 'silent' } = options
  const dataFolder = await copyOfTemplate(migrationsDir ?? undefined)
  const log = createLogger(logLevel)
  const { cluster, database, passwords } = await startCopy(dataFolder, {
    ...(durable === undefined ? {} : { durable }),
    log: (line) => logDatabaseLine(log, line),
  })
  return {
    ...database,
    dataFolder,
    passwords,
    pid: cluster.pid,
    async stop() {
      await database.stop()
      await cluster.stop('immediate')
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}

/** What a test server is made with. */
export type TestServerOptions = TestDatabaseOptions & {
  /** The services to run. Default: all there are. */
  services?: ServiceFactory[]
  settings?: Partial<Settings>
}

/** A running backend without front end. */
export type TestServer = {
  url: string
  publishableKey: string
  secretKey: string
  secrets: Secrets
  database: TestDatabase
  stop(): Promise<void>
}

/** Starts the whole backend on a free port, with a database of its own. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const database = await startTestDatabase(options)
  const settings: Settings = {
    ...parseSettings(
      { NODE_ENV: 'test', HOST: '127.0.0.1', DATA_DIR: database.dataFolder },
      { port: 0, root },
    ),
    ...options.settings,
  }
  const secrets = { ...(await makeSecrets(settings.jwtSecret)), databaseUrl: database.url() }
  const server = await openServer(settings, createLogger(options.logLevel ?? 'silent'))
  server.gateway.routes.front = null
  const stop = async () => {
    await server.stop()
    await database.stop()
  }
  try {
    await server.startServices({ database, secrets, factories: options.services ?? serviceList })
  } catch (error) {
    await stop()
    throw error
  }
  const { publishableKey, secretKey } = secrets
  return { url: server.gateway.url(), publishableKey, secretKey, secrets, database, stop }
}
