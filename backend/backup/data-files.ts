import { lstat, readdir, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { StartError } from '../start-error'

/** The folder of a data folder that a restore works in; while it is there, what is beside it is not whole. */
export const RESTORING = 'restoring'

/** A mark of a data folder: it was restored and has not been started since. */
export const RESTORED = 'restored.json'

/** Which folder below `wal/` belongs to this data folder. */
export const WAL_FOLDER = 'wal-folder.json'

/** How backups went, for `npm run doctor` and `/metrics`. */
export const STATUS = 'backup-status.json'

// The database is copied by PostgreSQL; the rest is of this run or of this machine.
const left = new Set(['postgres', 'run', 'backups', RESTORING, RESTORED, WAL_FOLDER, STATUS])

// What is still being uploaded, and pictures that are made again when somebody asks for them.
const unfinished = new Set(['storage/drafts', 'storage/resumable', 'storage/renders'])

const isLeft = (name: string) => left.has(name) || /^lock(\.|$)/.test(name) || name.endsWith('.new')

/** The files of a data folder besides the database, as paths relative to it: secrets and uploaded files. */
export async function listDataFiles(dataDir: string): Promise<string[]> {
  const names = await readdir(dataDir)
  const files: string[] = []
  for (const name of names.filter((each) => !isLeft(each)).sort()) files.push(...(await walk(dataDir, name)))
  return files
}

async function walk(root: string, path: string): Promise<string[]> {
  const entries = await readdir(join(root, path), { withFileTypes: true }).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException
    // A file, and not a folder; or gone since it was listed.
    if (code === 'ENOTDIR') return undefined
    if (code === 'ENOENT') return []
    throw error
  })
  if (!entries) return [path]
  const files: string[] = []
  for (const entry of entries) {
    const below = `${path}/${entry.name}`
    if (unfinished.has(below)) continue
    if (entry.isDirectory()) files.push(...(await walk(root, below)))
    else if (entry.isFile()) files.push(below)
  }
  return files
}

/** Refuses a data folder in which a restore was interrupted. */
export async function checkNotRestoring(dataDir: string): Promise<void> {
  const names = await readdir(dataDir).catch((): string[] => [])
  if (names.includes(RESTORING)) {
    throw new StartError(
      `A restore into ${dataDir} was interrupted, and what is there is not whole: run "npm run restore" again.`,
    )
  }
}

/** Removes a data folder, and its cluster where that had to be put elsewhere. */
export async function removeDataFolder(path: string): Promise<void> {
  await removePath(join(path, 'postgres'))
  await rm(path, { recursive: true, force: true })
}

/** Removes a file, a folder, or a link with the folder that it leads to. */
export async function removePath(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  const place = found?.isSymbolicLink() ? await realpath(path).catch(() => undefined) : undefined
  if (place) await rm(place, { recursive: true, force: true })
  await rm(path, { recursive: true, force: true })
}
