import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Database } from '../postgres/database'
import { copyOfTemplate, startCopy } from './template'

/** The product's migrations, which tests get unless they name others. */
const productMigrations = fileURLToPath(new URL('../../supabase/migrations', import.meta.url))

/** What a test database is made with. */
export type TestDatabaseOptions = {
  /** Folder of migrations to apply; `null` for the base schema alone. Default: the product's. */
  migrationsDir?: string | null
  /** Write as safely as in production; tests that kill things want that. Default: false. */
  durable?: boolean
  log?: (line: string) => void
}

/** A database of one's own. `stop` also ends the server and removes its folder. */
export type TestDatabase = Database & { dataFolder: string; pid(): number | undefined }

/** Starts a PostgreSQL of its own with the base schema and migrations, in a temporary folder. */
export async function startTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { migrationsDir = productMigrations, ...startOptions } = options
  const dataFolder = await copyOfTemplate(migrationsDir ?? undefined)
  const { cluster, database } = await startCopy(dataFolder, startOptions)
  return {
    ...database,
    dataFolder,
    pid: cluster.pid,
    async stop() {
      await database.stop()
      await cluster.stop('immediate')
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}
