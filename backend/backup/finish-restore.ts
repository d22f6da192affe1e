import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type postgres from 'postgres'
import type { Logger } from '../log'
import { RESTORED } from './data-files'

/**
 * At the first start after a restore: tells the schema, which may have to tell clients that what they know is not true
 * any more. It does so in `private.after_restore()`, if it has that function. Doing it twice is harmless.
 */
export async function finishRestore(admin: postgres.Sql, dataDir: string, log: Logger): Promise<void> {
  const path = join(dataDir, RESTORED)
  if (!(await readFile(path).catch(() => undefined))) return
  const [found] = await admin<{ there: boolean }[]>`
    select to_regprocedure('private.after_restore()') is not null as there`
  if (found?.there) await admin`select private.after_restore()`
  await rm(path, { force: true })
  log.info('The data folder was restored from a backup; clients take everything anew')
}
