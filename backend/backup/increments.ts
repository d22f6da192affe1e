import { createReadStream, createWriteStream } from 'node:fs'
import { copyFile, mkdir, readdir, rename, rm, rmdir, stat, statfs, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { StartError } from '../start-error'
import { syncFile, syncFolder } from '../write-file'
import { listDataFiles } from './data-files'
import { parseSegmentName, segmentName } from './wal-names'
import { readFileExactly, sizeOf } from './write-archive'

/** Below a backup folder: what came after an archive. One folder for each uninterrupted line of WAL. */
export const incrementsOf = (backupDir: string, walFolder: string) => join(backupDir, 'increments', walFolder)

const walOf = (folder: string) => join(folder, 'wal')
const filesOf = (folder: string) => join(folder, 'files')

/** What is left free on the disk of the backups: they must not fill it, least of all if it is the database's too. */
const RESERVE_BYTES = 256 * 1024 * 1024

/** Free bytes of the disk that a folder is on. */
export async function freeBytes(folder: string): Promise<number> {
  const disk = await statfs(folder)
  return disk.bavail * disk.bsize
}

/** Refuses to write to a disk that is nearly full. */
export async function checkRoom(folder: string, bytes = 0, free = freeBytes): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const left = await free(folder)
  if (left < bytes + RESERVE_BYTES) {
    const mega = (value: number) => `${Math.ceil(value / 1024 / 1024)} MB`
    throw new StartError(
      `${folder} has ${mega(left)} left and a backup needs ${mega(bytes + RESERVE_BYTES)}: free some, or choose another BACKUP_DIR.`,
    )
  }
}

/**
 * Keeps one WAL segment, compressed. Of one that is still written only the first `bytes` are kept, as `.partial`,
 * with zeros behind them: PostgreSQL takes these for the end.
 */
export async function keepSegment(
  folder: string,
  { path, name, bytes, segmentBytes }: { path: string; name: string; bytes: number; segmentBytes: number },
): Promise<void> {
  const whole = bytes === segmentBytes
  const target = join(walOf(folder), `${name}${whole ? '' : '.partial'}.gz`)
  await mkdir(walOf(folder), { recursive: true, mode: 0o700 })
  async function* content() {
    yield* readFileExactly(path, bytes)
    if (!whole) yield Buffer.alloc(segmentBytes - bytes)
  }
  await writeWhole(target, (draft) =>
    pipeline(
      Readable.from(content(), { objectMode: false }),
      createGzip({ level: 1 }),
      createWriteStream(draft, { mode: 0o600, flush: true }),
    ),
  )
  if (whole) await rm(join(walOf(folder), `${name}.partial.gz`), { force: true })
}

/** Whether a whole segment is kept. */
export async function hasSegment(folder: string, name: string): Promise<boolean> {
  return (await sizeOf(join(walOf(folder), `${name}.gz`))) !== undefined
}

/** Copies the files of a data folder that came since a moment (milliseconds since 1970). They never change. */
export async function keepFiles(folder: string, dataDir: string, since: number): Promise<void> {
  for (const path of await listDataFiles(dataDir)) {
    const found = await stat(join(dataDir, path)).catch(() => undefined)
    const target = join(filesOf(folder), path)
    if (!found || found.ctimeMs < since || (await sizeOf(target)) === found.size) continue
    await checkRoom(folder, found.size)
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    await writeWhole(target, async (draft) => {
      await copyFile(join(dataDir, path), draft)
      await syncFile(draft)
      // When it came, which decides how long it is kept.
      await utimes(draft, found.ctime, found.ctime)
    })
  }
}

async function writeWhole(target: string, write: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${target}.part`
  try {
    await write(draft)
    await rename(draft, target)
    await syncFolder(dirname(target))
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Removes what came before a moment (milliseconds since 1970). */
export async function pruneIncrements(backupDir: string, before: number): Promise<void> {
  await prune(join(backupDir, 'increments'), before)
}

async function prune(folder: string, before: number): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      await prune(path, before)
      // Only one that is empty goes.
      await rmdir(path).catch(() => {})
    } else if ((await stat(path)).mtimeMs < before) await rm(path, { force: true })
  }
}

/**
 * Puts the WAL that follows an archive where PostgreSQL finds it, as far as there is no gap. `last` is the last
 * segment in the archive. Returns how many segments were put there, and until when they were copied (ISO 8601).
 */
export async function addWal(
  folder: string,
  target: string,
  last: string,
  segmentBytes: number,
): Promise<{ segments: number; until: string | null }> {
  const names = new Set(await readdir(walOf(folder)).catch(() => []))
  const { timeline, segment: first } = parseSegmentName(last, segmentBytes)
  let until: string | null = null
  for (let segments = 0; ; segments += 1) {
    const name = segmentName(timeline, first + BigInt(segments), segmentBytes)
    const whole = names.has(`${name}.gz`)
    if (!whole && !names.has(`${name}.partial.gz`)) return { segments, until }
    const source = join(walOf(folder), `${name}${whole ? '' : '.partial'}.gz`)
    await unpackSegment(source, join(target, name), segmentBytes)
    until = (await stat(source)).mtime.toISOString()
    if (!whole) return { segments: segments + 1, until }
  }
}

async function unpackSegment(source: string, path: string, segmentBytes: number): Promise<void> {
  const target = createWriteStream(path, { mode: 0o600 })
  const reason = await pipeline(createReadStream(source), createGunzip(), target).then(
    async () => ((await sizeOf(path)) === segmentBytes ? undefined : 'it is too short'),
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
  if (reason === undefined) return
  throw new StartError(
    `${source} cannot be read (${reason}): restore with --without-increments, or move it away and lose what came after it.`,
  )
}

/** Adds the files that came after an archive. Returns their number. */
export async function addFiles(folder: string, dataDir: string): Promise<number> {
  const root = filesOf(folder)
  const names = await readdir(root).catch(() => [])
  if (names.length === 0) return 0
  let count = 0
  for (const path of await listDataFiles(root)) {
    if (path.endsWith('.part')) continue
    await mkdir(dirname(join(dataDir, path)), { recursive: true, mode: 0o700 })
    await copyFile(join(root, path), join(dataDir, path))
    count += 1
  }
  return count
}
