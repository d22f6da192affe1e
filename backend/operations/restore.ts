import { resolve } from 'node:path'
import { restoreBackup } from '../backup/restore'
import type { Settings } from '../settings'
import { createS3Blobs } from '../storage/blobs/s3'
import { refuseForeign } from './with-database'

export type RestoreArguments = { file: string; dataDir?: string; withoutIncrements?: boolean }

/**
 * `npm run restore FILE`: into DATA_DIR or the folder named by `--data-dir`. Uploaded files go where the settings say: into the
 * bucket of STORAGE_S3_BUCKET, which is looked at first, or into that folder.
 */
export async function restore(settings: Settings, given: RestoreArguments): Promise<string[]> {
  refuseForeign(settings)
  const dataDir = given.dataDir ? resolve(given.dataDir) : settings.dataDir
  const { s3, fileSizeLimit } = settings
  const objects = s3 && createS3Blobs(s3, fileSizeLimit)
  await objects?.start()
  const { manifest, segments, files, until, placed } = await restoreBackup({
    file: resolve(given.file),
    dataDir,
    migrationsDir: settings.migrationsDir,
    ...(settings.backup.dir ? { backupDirs: [settings.backup.dir] } : {}),
    ...(given.withoutIncrements ? { withoutIncrements: true } : {}),
    ...(objects ? { objects } : {}),
  }).finally(() => objects?.stop())
  const lines = [`${dataDir} is restored from ${given.file}, made ${manifest.createdAt}.`]
  if (segments > 0) {
    lines.push(`  ${segments} pieces of WAL and ${files} files came after it; copied until ${until}.`)
  } else lines.push('  Nothing that came after it was found: what was written later is not in it.')
  if (manifest.objects === 'not included') {
    lines.push(
      '  Uploaded files are in S3 and were not in the backup: STORAGE_S3_BUCKET has to name that bucket.',
    )
  }
  if (s3 && placed > 0) lines.push(`  ${placed} uploaded files are in the bucket "${s3.bucket}" now.`)
  if (!s3 && manifest.objects === 'included') {
    lines.push(
      '  Uploaded files were in S3 and are in DATA_DIR/storage now: leave STORAGE_S3_BUCKET unset, or set it and restore again.',
    )
  }
  lines.push(
    '  Start it with "npm start". Everybody takes messages anew then; who signed in later signs in again.',
  )
  return lines
}
