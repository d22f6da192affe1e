import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createBackup } from '../backup/create'
import { checkRoom } from '../backup/increments'
import { backupName, tidy } from '../backup/retention'
import type { Settings } from '../settings'
import { isInside } from '../settings-operations'
import { StartError } from '../start-error'
import { createS3Blobs } from '../storage/blobs/s3'
import { productVersion } from '../version'
import { size } from './say'
import { withDatabase } from './with-database'

/**
 * `npm run backup [file]`: makes one archive, in BACKUP_DIR or, without that, in the data folder itself. `withObjects`:
 * with the files that are in S3.
 */
export async function backUp(
  settings: Settings,
  file: string | undefined,
  withObjects = false,
): Promise<string[]> {
  const { dataDir, backup, s3, fileSizeLimit } = settings
  const target = file ? resolve(file) : join(backup.dir ?? join(dataDir, 'backups'), backupName())
  if (isInside(target, dataDir) && !isInside(target, join(dataDir, 'backups'))) {
    throw new StartError(
      `${target} is in the folder that is backed up: choose a place outside of ${dataDir}.`,
    )
  }
  return withDatabase(settings, async (database) => {
    const started = Date.now()
    const [row] = await database.admin<{ bytes: number }[]>`
      select sum(pg_database_size(oid))::float8 as bytes from pg_database`
    await checkRoom(join(target, '..'), row?.bytes)
    const blobs = s3 && withObjects ? createS3Blobs(s3, fileSizeLimit) : undefined
    await blobs?.start()
    const { members, migrations, postgres } = await createBackup(target, {
      database,
      dataDir,
      product: productVersion(),
      ...(s3 ? { objects: blobs ?? 'left' } : {}),
    }).finally(() => blobs?.stop())
    const { size: bytes } = await stat(target)
    if (!file && backup.dir) await tidy(backup.dir, backup)
    const plain = members.reduce((sum, member) => sum + member.bytes, 0)
    const lines = [
      `${target}`,
      `  ${size(bytes)} (${size(plain)} before compression), ${members.length} files, PostgreSQL ${postgres}, migration ${migrations.at(-1) ?? 'none'}`,
      `  written and read back in ${((Date.now() - started) / 1000).toFixed(1)} s; it holds secrets: keep it where only you can read it`,
    ]
    if (s3 && !withObjects) {
      lines.push(
        '  Uploaded files are in S3 and not in it: add "-- --with-objects" to have them, or copy the bucket.',
      )
    }
    if (!file && !backup.dir) {
      lines.push(
        '  It is on the disk of the database: copy it elsewhere, or set BACKUP_DIR to a folder on another one.',
      )
    }
    return lines
  })
}
