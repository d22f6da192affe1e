import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createBackup } from '../backup/create'
import { checkRoom } from '../backup/increments'
import { backupName } from '../backup/retention'
import type { Settings } from '../settings'
import { productVersion } from '../version'
import { size } from './say'
import { withDatabase } from './with-database'

/** `npm run backup [file]`: makes one archive, in BACKUP_DIR or, without that, in the data folder itself. */
export async function backUp(settings: Settings, file: string | undefined): Promise<string[]> {
  const { dataDir, backup } = settings
  const target = file ? resolve(file) : join(backup.dir ?? join(dataDir, 'backups'), backupName())
  return withDatabase(settings, async (database) => {
    const started = Date.now()
    const [row] = await database.admin<{ bytes: number }[]>`
      select sum(pg_database_size(oid))::float8 as bytes from pg_database`
    await checkRoom(join(target, '..'), row?.bytes)
    const { members, migrations, postgres } = await createBackup(target, {
      database,
      dataDir,
      product: productVersion(),
    })
    const { size: bytes } = await stat(target)
    const plain = members.reduce((sum, member) => sum + member.bytes, 0)
    const lines = [
      `${target}`,
      `  ${size(bytes)} (${size(plain)} before compression), ${members.length} files, PostgreSQL ${postgres}, migration ${migrations.at(-1) ?? 'none'}`,
      `  written and read back in ${((Date.now() - started) / 1000).toFixed(1)} s; it holds secrets: keep it where only you can read it`,
    ]
    if (!file && !backup.dir) {
      lines.push(
        '  It is on the disk of the database: copy it elsewhere, or set BACKUP_DIR to a folder on another one.',
      )
    }
    return lines
  })
}
