import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type postgres from 'postgres'
import { startCluster } from '../postgres/cluster'
import { type Database, openDatabase } from '../postgres/database'
import { loadSecrets, makeSecrets, saveSecrets } from '../secrets'
import { startTestDatabase, type TestDatabase } from '../testing/server'
import { listDataFiles } from './data-files'

/** The migrations of the product. */
export const migrationsDir = fileURLToPath(new URL('../../supabase/migrations', import.meta.url))

/** A temporary folder that the database's user can enter. */
export async function openFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ec-backup-'))
  await chmod(folder, 0o711)
  return folder
}

/** A data folder with a running database, secrets and files, as an installation has them. */
export async function startInstallation(): Promise<TestDatabase> {
  const database = await startTestDatabase({ durable: true })
  const secrets = { ...(await makeSecrets()), passwords: database.passwords, databaseUrl: database.url() }
  await saveSecrets(database.dataFolder, secrets)
  await addFile(database.dataFolder, 'storage/objects/first.bin', 'x'.repeat(300_000))
  await addFile(database.dataFolder, 'storage/drafts/half', 'still being uploaded')
  await database.admin`create table public.notes (id bigint generated always as identity primary key, body text)`
  return database
}

/** Writes a file as an upload does: it gets its name when it is complete, also in the place of another. */
export async function addFile(dataDir: string, path: string, content: string): Promise<void> {
  await mkdir(dirname(join(dataDir, path)), { recursive: true })
  const draft = `${dataDir}.${randomUUID()}`
  await writeFile(draft, content)
  await rename(draft, join(dataDir, path))
}

/** Opens a restored data folder as it is, before anything migrates it. */
export async function openRestored<T>(dataDir: string, work: (database: Database) => Promise<T>): Promise<T> {
  const { passwords } = await loadSecrets(dataDir)
  const password = passwords.supabase_admin ?? ''
  const cluster = await startCluster({ dataFolder: dataDir, password, durable: false, log: () => {} })
  const login = (role: string) => ({ user: role, password: passwords[role] ?? '' })
  const database = openDatabase({
    host: cluster.socketFolder,
    port: cluster.port,
    database: 'postgres',
    login,
  })
  try {
    return await work(database)
  } finally {
    await database.stop()
    await cluster.stop('immediate')
  }
}

/** A checksum of every row of every table. Sequences may have gone ahead: PostgreSQL logs 32 values at once. */
export async function checksums(sql: postgres.Sql): Promise<Record<string, string>> {
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema)' order by 1`
  const sums: Record<string, string> = {}
  for (const { name } of tables) {
    const [row] = await sql.unsafe<{ sum: string; rows: string }[]>(
      `select count(*) as rows, md5(coalesce(string_agg(md5(t::text), '' order by md5(t::text)), '')) as sum from ${name} t`,
    )
    sums[name] = `${row?.rows} ${row?.sum}`
  }
  return sums
}

/** A checksum of every file besides the database. */
export async function fileSums(dataDir: string): Promise<Record<string, string>> {
  const sums: Record<string, string> = {}
  for (const path of await listDataFiles(dataDir)) {
    sums[path] = createHash('sha256')
      .update(await readFile(join(dataDir, path)))
      .digest('hex')
  }
  return sums
}

/** A verb that runs; what it said when it has ended. */
export type Verb = { process: ChildProcess; ended: Promise<{ code: number | null; output: string }> }

/** Runs `npm run NAME` in a process of its own. */
export function runVerb(name: string, args: string[], env: Record<string, string>): Verb {
  const script = fileURLToPath(new URL(`../../bin/${name}.mjs`, import.meta.url))
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, output: output.replace(/^(Building|Waiting).*\n/gm, '') }))
  })
  return { process: child, ended }
}
