import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  realpath,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestDatabase } from '../testing/server'
import { findBinaries } from './binaries'
import { type Cluster, type ClusterOptions, startCluster } from './cluster'
import { openDatabase } from './database'
import { placeBinaries } from './place'
import { chooseSystemUser } from './system-user'

const isRoot = process.getuid?.() === 0

let folder: string
let cleanUp: (() => Promise<unknown> | unknown)[]

beforeEach(async () => {
  cleanUp = []
  folder = await mkdtemp(join(tmpdir(), 'ec-cluster-'))
  await chmod(folder, 0o711)
  cleanUp.push(() => rm(folder, { recursive: true, force: true }))
})
afterEach(async () => {
  for (const step of cleanUp.reverse()) await step()
})

const startIn = async (dataFolder: string, options: Partial<ClusterOptions> = {}) => {
  const cluster = await startCluster({
    dataFolder,
    password: 'test',
    durable: false,
    log: () => {},
    ...options,
  })
  cleanUp.push(() => cluster.stop('immediate'))
  return cluster
}

const openIn = (cluster: Cluster) => {
  const login = (user: string) => ({ user, password: 'test' })
  const database = openDatabase({
    host: cluster.socketFolder,
    port: cluster.port,
    database: 'postgres',
    login,
  })
  cleanUp.push(() => database.stop())
  return database
}

test('a new cluster is private, checks its data and speaks logical replication', async () => {
  const cluster = await startIn(folder, { durable: true })
  const [row] = await openIn(cluster).admin`
    select current_setting('wal_level') as wal, current_setting('fsync') as fsync, current_setting('timezone') as zone,
      current_setting('synchronous_commit') as commit, current_setting('data_checksums') as checksums,
      current_setting('listen_addresses') as addresses, lower('ÄÖ') as lower, 'ö' ~ '\\w' as word`
  expect(row).toEqual({
    ...{ wal: 'logical', fsync: 'on', zone: 'UTC', commit: 'on', checksums: 'on', addresses: '' },
    ...{ lower: 'äö', word: true },
  })
  expect((await stat(join(folder, 'postgres'))).mode & 0o777).toBe(0o700)
  expect((await stat(cluster.socketFolder)).mode & 0o777).toBe(0o700)
})

test('a wrong password is refused', async () => {
  const cluster = await startIn(folder)
  const login = (user: string) => ({ user, password: 'guessed' })
  const database = openDatabase({
    host: cluster.socketFolder,
    port: cluster.port,
    database: 'postgres',
    login,
  })
  await expect(database.admin`select 1`).rejects.toThrow(/password authentication failed/)
  await database.stop()
})

test('G02: after kill -9 the server comes back, acknowledged rows are there, pools recover', async () => {
  const database = await startTestDatabase({ migrationsDir: null, durable: true })
  cleanUp.push(() => database.stop())
  await database.admin`create table public.kept (id int)`
  let acknowledged = 0
  for (let round = 0; round < 2; round += 1) {
    const pid = database.pid() as number
    const kill = setTimeout(() => process.kill(pid, 'SIGKILL'), 30)
    for (let failed = false; !failed; ) {
      await database.admin`insert into public.kept values (${acknowledged})`.then(
        () => {
          acknowledged += 1
        },
        () => {
          failed = true
        },
      )
    }
    clearTimeout(kill)
    await expect
      .poll(() => database.api`select 1 as one`.catch(() => []), { timeout: 20_000 })
      .toHaveLength(1)
    expect(database.pid()).not.toBe(pid)
  }
  const [kept] = await database.admin`select count(distinct id)::int as count from public.kept`
  expect(kept?.count).toBeGreaterThanOrEqual(acknowledged)
  expect(acknowledged).toBeGreaterThan(0)
})

test('a server that outlived its parent is stopped cleanly before the next start', async () => {
  const first = await startIn(folder)
  await openIn(first).admin`create table public.kept (id int)`
  await first.stop()
  const place = join(folder, 'postgres')
  const user = await chooseSystemUser(place)
  const program = join(await placeBinaries(await findBinaries(), user), 'bin', 'postgres')
  const orphan = spawn(program, ['-D', place, '-k', place, '-c', 'listen_addresses='], { ...user, cwd: '/' })
  const ended = once(orphan, 'exit')
  await expect.poll(() => readFile(join(place, 'postmaster.pid'), 'utf8').catch(() => '')).toMatch(/ready/)
  const next = await startIn(folder)
  expect(await ended).toEqual([0, null])
  expect(await openIn(next).admin`select * from public.kept`).toEqual([])
})

test('a lock file whose process id belongs to somebody else now is no obstacle', async () => {
  const first = await startIn(folder)
  const pidFile = join(folder, 'postgres', 'postmaster.pid')
  const lines = (await readFile(pidFile, 'utf8')).split('\n')
  await first.stop()
  await writeFile(pidFile, [String(process.pid), ...lines.slice(1)].join('\n'))
  const next = await startIn(folder)
  expect(await openIn(next).admin`select 1 as one`).toEqual([{ one: 1 }])
})

test('a socket lock whose process id belongs to somebody else now is no obstacle', async () => {
  const first = await startIn(folder)
  const lock = join(first.socketFolder, `.s.PGSQL.${first.port}.lock`)
  const lines = (await readFile(lock, 'utf8')).split('\n').slice(1)
  await first.stop()
  // As in a container that was killed and started again: the number is in use, by another program of the same user.
  const user = await chooseSystemUser(join(folder, 'postgres'))
  const other = spawn('sleep', ['600'], { ...user, cwd: '/' })
  cleanUp.push(() => other.kill())
  await mkdir(first.socketFolder, { recursive: true })
  await writeFile(lock, [other.pid, ...lines].join('\n'))
  if (user) await chown(lock, user.uid, user.gid)
  const [row] = await openIn(await startIn(folder)).admin`select 1 as one`
  expect(row).toEqual({ one: 1 })
})

test('a folder of another PostgreSQL version is refused and left as it is', async () => {
  const cluster = await startIn(folder)
  await cluster.stop()
  const version = join(folder, 'postgres', 'PG_VERSION')
  await writeFile(version, '19\n')
  const before = await stat(join(folder, 'postgres', 'postgresql.conf'))
  await expect(startIn(folder)).rejects.toThrow(/was made by PostgreSQL 19, which is newer than/)
  expect((await stat(join(folder, 'postgres', 'postgresql.conf'))).mtimeMs).toBe(before.mtimeMs)
  await writeFile(version, '18\n')
  await startIn(folder)
})

test('a folder that holds something else is not touched', async () => {
  await mkdir(join(folder, 'postgres'))
  await writeFile(join(folder, 'postgres', 'notes.txt'), 'mine')
  await expect(startIn(folder)).rejects.toThrow(/exists but holds no database: move it away/)
  expect(await readFile(join(folder, 'postgres', 'notes.txt'), 'utf8')).toBe('mine')
})

test('DATABASE_PORT in use is told', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  cleanUp.push(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await expect(startIn(folder, { port })).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use`)
})

test('with a port it can be reached over TCP, with the password', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  await startIn(folder, { port })
  const login = (user: string) => ({ user, password: 'test' })
  const database = openDatabase({ host: '127.0.0.1', port, database: 'postgres', login })
  expect(await database.admin`select inet_server_port() as port`).toEqual([{ port }])
  await database.stop()
})

test('a data folder with a long name gets its socket elsewhere', async () => {
  const deep = join(folder, 'x'.repeat(100))
  await mkdir(deep, { mode: 0o711 })
  const cluster = await startIn(deep)
  expect(cluster.socketFolder.startsWith(deep)).toBe(false)
  expect(await openIn(cluster).admin`select 1 as one`).toEqual([{ one: 1 }])
  await cluster.stop()
  expect(existsSync(cluster.socketFolder)).toBe(false)
})

test.runIf(isRoot)(
  'as root it runs as another user, also from a folder that only root can enter',
  async () => {
    await chmod(folder, 0o700)
    const dataFolder = join(folder, 'deep', 'data')
    await mkdir(dataFolder, { recursive: true })
    const cluster = await startIn(dataFolder)
    const place = await realpath(join(dataFolder, 'postgres'))
    cleanUp.push(() => rm(place, { recursive: true, force: true }))
    expect(await readlink(join(dataFolder, 'postgres'))).toBe(place)
    expect(dirname(place)).toBe('/var/lib/enterprise-chat')
    expect((await stat(place)).uid).not.toBe(0)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    await openIn(cluster).admin`create table public.kept (id int)`
    await cluster.stop()
    const again = await startIn(dataFolder)
    expect(await openIn(again).admin`select * from public.kept`).toEqual([])
  },
)

test.runIf(isRoot)(
  'a full disk is told in one line, and starting goes on when there is room',
  async ({ skip }) => {
    const disk = join(folder, 'disk')
    await mkdir(disk)
    const mount = (...options: string[]) => execFileSync('mount', ['-t', 'tmpfs', ...options, 'tmpfs', disk])
    try {
      mount('-o', 'size=20m,mode=0711')
    } catch {
      skip('no right to mount')
    }
    cleanUp.push(() => execFileSync('umount', ['-l', disk]))
    await expect(startIn(disk)).rejects.toThrow(/No disk space left .* free some and start again/)
    expect(existsSync(join(disk, 'postgres'))).toBe(false)
    mount('-o', 'remount,size=200m')
    const cluster = await startIn(disk)
    await openIn(cluster).admin`select 1`
  },
)
