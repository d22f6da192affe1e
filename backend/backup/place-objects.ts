import { readdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type postgres from 'postgres'
import { StartError } from '../start-error'
import type { Blobs } from '../storage/blobs/blobs'

const AT_ONCE = 1_000

/**
 * Puts the uploaded files of a restored data folder where the installation keeps its files, and takes them out of the folder;
 * resolves with how many. Those without a row were deleted after the archive was made: they go nowhere.
 */
export async function placeObjects(dataDir: string, admin: postgres.Sql, blobs: Blobs): Promise<number> {
  const folder = join(dataDir, 'storage', 'objects')
  const paths = await readdir(folder, { recursive: true }).catch((): string[] => [])
  let placed = 0
  for (let from = 0; from < paths.length; from += AT_ONCE) {
    const found = new Map(paths.slice(from, from + AT_ONCE).map((path) => [basename(path), path]))
    const known = await admin<{ version: string }[]>`
      select distinct version from storage.objects where version = any (${[...found.keys()]})`
    for (const { version } of known) {
      await blobs.keep(version, join(folder, found.get(version) ?? '')).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error)
        throw new StartError(
          `An uploaded file cannot be put where files are kept (${reason}). Nothing was restored; run it again.`,
        )
      })
      placed += 1
    }
  }
  await rm(folder, { recursive: true, force: true })
  return placed
}
