import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { makeDataFolder } from '../data-folder'
import { lockFolder } from '../lock'
import { startCluster } from '../postgres/cluster'
import { openDatabase } from '../postgres/database'
import { checkKnown, listMigrations } from '../postgres/migrate'
import { loadSecrets } from '../secrets'
import { StartError } from '../start-error'
import type { Blobs } from '../storage/blobs/blobs'
import { syncFolder, writeFileDurably } from '../write-file'
import { RESTORED, RESTORING, removeDataFolder, removePath } from './data-files'
import { addFiles, addWal, incrementsOf } from './increments'
import type { Manifest } from './manifest'
import { placeObjects } from './place-objects'
import { readArchive } from './read-archive'
import { sizeOf } from './write-archive'

export type RestoreOptions = {
  file: string
  /** An empty folder, or one that is not there yet. */
  dataDir: string
  /** Backup folders whose increments may continue the archive; that of the archive itself always counts. */
  backupDirs?: string[]
  /** Restore the moment of the archive and nothing that came after it. */
  withoutIncrements?: boolean
  /** The migrations that this release knows: a backup of a newer one is refused. */
  migrationsDir: string
  /** Where uploaded files belong, started; without it they stay in the data folder. */
  objects?: Blobs
  log?: (line: string) => void
}

/**
 * What was restored. `until`: when the last of the increments was copied, ISO 8601. `placed`: uploaded files that were put
 * elsewhere than into the data folder.
 */
export type Restored = {
  manifest: Manifest
  segments: number
  files: number
  until: string | null
  placed: number
}

/**
 * Restores an archive and what came after it into an empty data folder. Everything happens in a folder inside it, is
 * compared with the manifest and started once; only then it takes its place. Interrupted, it can be run again.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { dataDir, file } = options
  if ((await sizeOf(file)) === undefined) throw new StartError(`${file} is not there, or is not a file.`)
  await makeDataFolder(dataDir)
  await checkEmpty(dataDir)
  const release = await lockFolder(dataDir)
  try {
    // Whoever had the lock and was waited for may have filled it.
    await checkEmpty(dataDir)
    const draft = join(dataDir, RESTORING)
    await clearInterrupted(dataDir)
    await makeDataFolder(draft)
    const restored = await fill(draft, options).catch(async (error: unknown) => {
      await removeDataFolder(draft)
      throw error
    })
    await writeFileDurably(join(draft, RESTORED), `${JSON.stringify({ from: options.file })}\n`, 0o600)
    await takePlace(draft, dataDir)
    return restored
  } finally {
    await release()
  }
}

/** What is in a data folder but for its lock, those who wait for that, and backups. */
async function contents(dataDir: string): Promise<string[]> {
  return (await readdir(dataDir)).filter((name) => !/^lock(\.|$)/.test(name) && name !== 'backups')
}

async function checkEmpty(dataDir: string): Promise<void> {
  const names = await contents(dataDir)
  if (names.length === 0 || names.includes(RESTORING)) return
  throw new StartError(
    `${dataDir} is not empty: a backup is restored into an empty folder only. Move it away, or name another one with --data-dir.`,
  )
}

/** The folder was empty before a restore began: all that is in it is of that restore. */
async function clearInterrupted(dataDir: string): Promise<void> {
  const names = await contents(dataDir)
  // Its mark goes last, so that this too may be interrupted.
  for (const name of names.filter((each) => each !== RESTORING)) {
    await removePath(join(dataDir, name))
  }
  await removeDataFolder(join(dataDir, RESTORING))
}

async function fill(draft: string, options: RestoreOptions): Promise<Restored> {
  const { file, migrationsDir, withoutIncrements } = options
  let last = ''
  const manifest = await readArchive(file, async ({ path, isFolder, content }) => {
    const target = join(draft, path)
    if (isFolder) {
      await mkdir(target, { recursive: true, mode: 0o700 })
      return
    }
    const [, segment] = /^postgres\/pg_wal\/([0-9A-F]{24})$/.exec(path) ?? []
    if (segment && segment > last) last = segment
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    // PostgreSQL itself puts its files safely on disk before it recovers.
    const flush = !path.startsWith('postgres/')
    await pipeline(Readable.from(content), createWriteStream(target, { mode: 0o600, flush }))
  })
  checkKnown(
    manifest.migrations,
    await listMigrations(migrationsDir),
    `${file} was made by a newer release (${manifest.product})`,
  )
  let wal: { segments: number; until: string | null } = { segments: 0, until: null }
  let files = 0
  if (manifest.walFolder && !withoutIncrements) {
    for (const backupDir of new Set([dirname(file), ...(options.backupDirs ?? [])])) {
      if (wal.segments > 0) break
      const folder = incrementsOf(backupDir, manifest.walFolder)
      wal = await addWal(folder, join(draft, 'postgres', 'pg_wal'), last, manifest.segmentBytes)
      files = await addFiles(folder, draft)
    }
  }
  const placed = await recover(draft, options)
  return { manifest, ...wal, files, placed }
}

/**
 * Starts the restored cluster once: PostgreSQL replays the WAL and says whether it is whole. Then it knows which uploaded
 * files there are, and those that belong elsewhere are put there; resolves with how many.
 */
async function recover(draft: string, { log = () => {}, objects }: RestoreOptions): Promise<number> {
  const { passwords } = await loadSecrets(draft)
  const cluster = await startCluster({ dataFolder: draft, password: passwords.supabase_admin ?? '', log })
  try {
    const login = (role: string) => ({ user: role, password: passwords[role] ?? '' })
    const { socketFolder: host, port } = cluster
    const database = openDatabase({ host, port, database: 'postgres', login })
    try {
      await database.admin`select count(*) from pg_class`
      return objects ? await placeObjects(draft, database.admin, objects) : 0
    } finally {
      await database.stop()
    }
  } finally {
    await cluster.stop()
  }
}

/** The database moves last but for the mark: as long as the mark is there, nothing starts in this folder. */
async function takePlace(draft: string, dataDir: string): Promise<void> {
  const names = (await readdir(draft)).filter((name) => name !== 'run')
  for (const name of names.sort((a, b) => Number(a === 'postgres') - Number(b === 'postgres'))) {
    await rename(join(draft, name), join(dataDir, name))
  }
  await syncFolder(dataDir)
  await rm(join(draft, 'run'), { recursive: true, force: true })
  await rmdir(draft)
  await syncFolder(dataDir)
}
