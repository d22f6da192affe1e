import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { applyBaseSchema, baseFiles } from '../postgres/base-schema'
import { type Cluster, startCluster } from '../postgres/cluster'
import { type Database, openDatabase } from '../postgres/database'
import { listMigrations, migrate } from '../postgres/migrate'
import { makePasswords, setPasswords } from '../postgres/passwords'

const run = promisify(execFile)

/** A running test cluster with its pools. */
export type Running = { cluster: Cluster; database: Database; passwords: Record<string, string> }

type StartOptions = { durable?: boolean; port?: number; log?: (line: string) => void }

/** Starts the cluster of a data folder that a template was copied to. */
export async function startCopy(dataFolder: string, options: StartOptions = {}): Promise<Running> {
  const passwords = await readPasswords(dataFolder)
  const cluster = await startCluster({
    dataFolder,
    password: passwords.supabase_admin ?? '',
    durable: options.durable ?? false,
    log: options.log ?? (() => {}),
    ...(options.port ? { port: options.port } : {}),
  })
  const login = (role: string) => ({ user: role, password: passwords[role] ?? '' })
  const endpoint = { host: cluster.socketFolder, port: cluster.port, database: 'postgres', login }
  return { cluster, database: openDatabase(endpoint), passwords }
}

async function readPasswords(dataFolder: string): Promise<Record<string, string>> {
  return JSON.parse(await readFile(join(dataFolder, 'passwords.json'), 'utf8'))
}

/**
 * A data folder with a fresh copy of a prepared cluster: base schema, and migrations if a folder is named. The
 * prepared ones are kept in the system's temporary folder, so only the first test of a version pays for `initdb`.
 */
export async function copyOfTemplate(migrationsDir?: string): Promise<string> {
  const base = await baseTemplate()
  const source = migrationsDir ? await migratedTemplate(base, migrationsDir) : base
  const folder = await openFolder(join(tmpdir(), 'ec-test-'))
  await copy(source, folder)
  return folder
}

async function baseTemplate(): Promise<string> {
  const files = await baseFiles()
  return cached(['base', '1', ...files.map(({ text }) => text)], async (draft) => {
    await writeFile(join(draft, 'passwords.json'), JSON.stringify(makePasswords()), { mode: 0o600 })
    await change(draft, async ({ database, passwords }) => {
      await applyBaseSchema(database.admin)
      await setPasswords(database.admin, passwords)
    })
  })
}

async function migratedTemplate(base: string, migrationsDir: string): Promise<string> {
  const migrations = await listMigrations(migrationsDir)
  const texts = await Promise.all(
    migrations.map(async ({ file }) => `${file}\n${await readFile(join(migrationsDir, file), 'utf8')}`),
  )
  return cached([base, ...texts], async (draft) => {
    await copy(base, draft)
    await change(draft, async ({ database }) => {
      const owner = database.connect('postgres', { max: 1 })
      await migrate(owner, migrationsDir).finally(() => owner.end())
    })
  })
}

async function change(folder: string, work: (running: Running) => Promise<void>): Promise<void> {
  const running = await startCopy(folder)
  try {
    await work(running)
  } finally {
    await running.database.stop()
    await running.cluster.stop()
  }
}

const oneDay = 24 * 60 * 60 * 1000

/** The folder for a key, built at most once: others of the same key wait for the one that builds. */
async function cached(key: string[], build: (draft: string) => Promise<void>): Promise<string> {
  const uid = process.getuid?.() ?? 0
  const home = join(tmpdir(), `enterprise-chat-templates-${uid}`)
  await mkdir(home, { recursive: true, mode: 0o711 })
  if ((await stat(home)).uid !== uid) throw new Error(`${home} belongs to somebody else`)
  const hash = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 16)
  const folder = join(home, hash)
  if (await touch(folder)) return folder
  const draft = await openFolder(join(home, `${hash}.`))
  try {
    await build(draft)
    // Two test workers may build the same one: the first to finish wins, the other takes that.
    await rename(draft, folder).catch(async (error: unknown) => {
      if (!(await touch(folder))) throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  await forgetOld(home)
  return folder
}

/** A new folder that the database's user can enter when we are root; what is in it has its own permissions. */
async function openFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(prefix)
  await chmod(folder, 0o711)
  return folder
}

async function touch(folder: string): Promise<boolean> {
  const now = new Date()
  return utimes(folder, now, now).then(
    () => true,
    () => false,
  )
}

async function forgetOld(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    const { mtimeMs } = await stat(join(home, name)).catch(() => ({ mtimeMs: Date.now() }))
    if (Date.now() - mtimeMs > oneDay) await rm(join(home, name), { recursive: true, force: true })
  }
}

async function copy(from: string, to: string): Promise<void> {
  const reflink = process.platform === 'linux' ? ['--reflink=auto'] : []
  await run('cp', ['-a', ...reflink, `${from}/.`, to]).catch(() => run('cp', ['-a', `${from}/.`, to]))
}
