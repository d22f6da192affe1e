import { resolve } from 'node:path'
import { restoreBackup } from '../backup/restore'
import type { Settings } from '../settings'
import { refuseForeign } from './with-database'

export type RestoreArguments = { file: string; dataDir?: string; withoutIncrements?: boolean }

/** `npm run restore FILE`: into DATA_DIR or the folder named by `--data-dir`. */
export async function restore(settings: Settings, given: RestoreArguments): Promise<string[]> {
  refuseForeign(settings)
  const dataDir = given.dataDir ? resolve(given.dataDir) : settings.dataDir
  const { manifest, segments, files, until } = await restoreBackup({
    file: resolve(given.file),
    dataDir,
    migrationsDir: settings.migrationsDir,
    ...(settings.backup.dir ? { backupDirs: [settings.backup.dir] } : {}),
    ...(given.withoutIncrements ? { withoutIncrements: true } : {}),
  })
  const lines = [`${dataDir} is restored from ${given.file}, made ${manifest.createdAt}.`]
  if (segments > 0) {
    lines.push(`  ${segments} pieces of WAL and ${files} files came after it; copied until ${until}.`)
  } else lines.push('  Nothing that came after it was found: what was written later is not in it.')
  if (manifest.objects === 'not included') {
    lines.push(
      '  Uploaded files are in S3 and were not in the backup: STORAGE_S3_BUCKET has to name that bucket.',
    )
  }
  if (manifest.objects === 'included') {
    lines.push(
      '  Uploaded files are in DATA_DIR/storage now: unset STORAGE_S3_BUCKET, or copy storage/objects/*/* to objects/ in the bucket.',
    )
  }
  lines.push(
    '  Start it with "npm start". Everybody takes messages anew then; who signed in later signs in again.',
  )
  return lines
}
