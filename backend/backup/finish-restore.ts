import { readdir, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type postgres from 'postgres'
import type { Logger } from '../log'
import { RESTORED } from './data-files'

/**
 * At the first start after a restore: tells the schema, which may have to tell clients that what they know is not true
 * any more. It does so in `private.after_restore()`, if it has that function. Uploaded files that were deleted after the
 * archive was made came back with it, and go again. Doing it twice is harmless.
 */
export async function finishRestore(admin: postgres.Sql, dataDir: string, log: Logger): Promise<void> {
  const path = join(dataDir, RESTORED)
  if (!(await readFile(path).catch(() => undefined))) return
  const [found] = await admin<{ there: boolean }[]>`
    select to_regprocedure('private.after_restore()') is not null as there`
  if (found?.there) await admin`select private.after_restore()`
  await removeDeleted(admin, join(dataDir, 'storage', 'objects'))
  await rm(path, { force: true })
  log.info('The data folder was restored from a backup; clients take everything anew')
}

/** The increments bring the rows to a later moment than the archive's files: what has no row then was deleted. */
async function removeDeleted(admin: postgres.Sql, folder: string): Promise<void> {
  const files = await readdir(folder, { recursive: true }).catch((): string[] => [])
  const versions = files.map((file) => basename(file)).filter((name) => isVersion.test(name))
  await admin`
    insert into _backend.blob_removals (version)
    select kept.version from unnest(${versions}::text[]) as kept (version)
    where not exists (select from storage.objects o where o.version = kept.version)
    on conflict do nothing`
}

const isVersion = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
