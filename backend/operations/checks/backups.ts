import { access, constants } from 'node:fs/promises'
import { checkNotRestoring } from '../../backup/data-files'
import { listBackups } from '../../backup/retention'
import { readStatus } from '../../backup/status'
import { lockHolder } from '../../lock'
import type { Settings } from '../../settings'
import { error, type Finding, ok, warning } from './finding'

const HOUR_MS = 3_600_000

/** Whether the last backup is as recent as the settings promise, and the WAL after it is being copied. */
export async function checkBackups({
  dataDir,
  backup,
  databaseUrl,
  supabaseUrl,
}: Settings): Promise<Finding> {
  if (supabaseUrl || databaseUrl) return ok('are made by whoever runs the database')
  const running = await lockHolder(dataDir)
  await checkNotRestoring(dataDir)
  const { dir, everyHours } = backup
  if (!dir) {
    return warning('none are made: set BACKUP_DIR to a folder on another disk; this one takes all with it.')
  }
  const usable = await access(dir, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  )
  if (!usable && running) return error(`${dir} cannot be written: make it, or mount its disk.`)
  const { backupError, walError, walAt, backup: last } = await readStatus(dataDir)
  if (backupError) return error(`the last one failed (${backupError}): put that right; it is tried again.`)
  if (walError) return error(`changes are not copied (${walError}): put that right; it is tried again.`)
  const [newest] = await listBackups(dir)
  if (!newest || !last)
    return running ? warning('the first one is not made yet.') : ok('the first start makes one')
  const age = Date.now() - newest.at.getTime()
  const hours = Math.floor(age / HOUR_MS)
  if (running && everyHours > 0 && age > (everyHours + 1) * HOUR_MS) {
    return error(
      `the last one is ${hours} hours old, one is due every ${everyHours}: see the log for "backup".`,
    )
  }
  if (running && walAt && Date.now() - Date.parse(walAt) > 5 * 60_000) {
    return error(`nothing was copied since ${walAt}: see the log for "backup".`)
  }
  return ok(`${newest.name}, ${hours} hours old; changes copied until ${walAt ?? 'then'}`)
}
