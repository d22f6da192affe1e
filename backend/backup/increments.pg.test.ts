import { existsSync } from 'node:fs'
import { cp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLogger, type Logger } from '../log'
import type { Deps, Service } from '../services'
import { parseSettings } from '../settings'
import type { TestDatabase } from '../testing/server'
import {
  addFile,
  checksums,
  fileSums,
  migrationsDir,
  openFolder,
  openRestored,
  startInstallation,
} from './drill'
import { restoreBackup } from './restore'
import { listBackups } from './retention'
import { createBackups } from './service'
import { readStatus } from './status'
import { readWalFolder } from './wal-folder'
import { WalShipper } from './wal-shipper'

// They wait for disks, and a busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })

let database: TestDatabase
let folder: string
const services: Service[] = []
beforeEach(async () => {
  folder = await openFolder()
  database = await startInstallation()
})
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop()
  await database?.stop()
  await rm(folder, { recursive: true, force: true })
})

const backupDir = () => join(folder, 'backups')

function startBackups(log: Logger = createLogger('silent')): Service {
  const env = {
    NODE_ENV: 'test',
    DATA_DIR: database.dataFolder,
    BACKUP_DIR: backupDir(),
    BACKUP_WAL_SECONDS: '5',
  }
  const settings = parseSettings(env as never, { port: 0, root: folder })
  const service = createBackups({ settings, database, log } as unknown as Deps)
  services.push(service)
  return service
}

const shipper = (free?: () => Promise<number>) =>
  new WalShipper({
    admin: database.admin,
    log: createLogger('silent'),
    dataDir: database.dataFolder,
    backupDir: backupDir(),
    ...(free ? { free } : {}),
  })

/** Megabytes of WAL that change nothing. */
const writeWal = (count: number) =>
  database.admin`select pg_logical_emit_message(false, 'test', repeat('x', 1000000)) from generate_series(1, ${count}::int)`

const restoreNewest = async (name: string, from = backupDir()) => {
  const [newest] = await listBackups(from)
  const dataDir = join(folder, name)
  const restored = await restoreBackup({ file: newest?.file ?? '', dataDir, migrationsDir })
  return { dataDir, ...restored }
}

test('G15: after the disk is lost everything is there up to the last increment: rows, edits and files', async () => {
  await startBackups().start()
  await expect.poll(() => listBackups(backupDir()), { timeout: 30_000 }).toHaveLength(1)
  await expect
    .poll(async () => (await readStatus(database.dataFolder)).backup?.file, { timeout: 20_000 })
    .toBeTruthy()
  // More than one segment of WAL, then a little that stays in one which is not full.
  await database.admin`insert into public.notes (body) select 'note' from generate_series(1, 5000)`
  await writeWal(20)
  await database.admin`update public.notes set body = 'edited' where id % 10 = 0`
  await addFile(database.dataFolder, 'storage/objects/later.bin', 'later')
  const written = Date.now()
  await expect
    .poll(async () => Date.parse((await readStatus(database.dataFolder)).walAt ?? ''), { timeout: 30_000 })
    .toBeGreaterThan(written)
  const expected = { rows: await checksums(database.admin), files: await fileSums(database.dataFolder) }
  // The disk is lost, and with it what was not copied: the copies stay as they are now.
  await cp(backupDir(), join(folder, 'survived'), { recursive: true })
  await database.admin`insert into public.notes (body) values ('too late')`
  const { dataDir, segments, files, until } = await restoreNewest('restored', join(folder, 'survived'))
  expect(segments).toBeGreaterThan(1)
  expect(files).toBeGreaterThanOrEqual(1)
  expect(until).toMatch(/^\d{4}-/)
  expect(await openRestored(dataDir, ({ admin }) => checksums(admin))).toEqual(expected.rows)
  expect(await fileSums(dataDir)).toEqual(expected.files)
  // Its future is another one: it must not write into the increments of the original.
  expect(await readWalFolder(dataDir)).toBeUndefined()
})

test('a stop copies what was written until then', async () => {
  const service = startBackups()
  await service.start()
  await expect
    .poll(async () => (await readStatus(database.dataFolder)).backup?.file, { timeout: 30_000 })
    .toBeTruthy()
  await database.admin`insert into public.notes (body) values ('the last word')`
  await service.stop()
  const { dataDir } = await restoreNewest('restored')
  const rows = await openRestored(dataDir, ({ admin }) => admin`select body from public.notes`)
  expect(rows).toEqual([{ body: 'the last word' }])
})

test('a damaged increment is named and not restored half', async () => {
  await startBackups().start()
  await expect
    .poll(async () => (await readStatus(database.dataFolder)).backup?.file, { timeout: 30_000 })
    .toBeTruthy()
  await services[0]?.stop()
  const wal = join(backupDir(), 'increments', (await readWalFolder(database.dataFolder)) ?? '', 'wal')
  const [name = ''] = (await readdir(wal)).sort().reverse()
  await writeFile(join(wal, name), 'damage')
  await expect(restoreNewest('restored')).rejects.toThrow(new RegExp(`${name} cannot be read`))
  expect(await readdir(join(folder, 'restored'))).toEqual([])
})

test('WAL that cannot be copied is given up before it fills the disk, and a new line begins', async () => {
  const first = shipper()
  await first.ship(0)
  const line = await readWalFolder(database.dataFolder)
  const kept = () => database.admin`
    select pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::float8 as bytes from pg_replication_slots`
  await writeWal(120)
  const [held] = await kept()
  expect(held?.bytes).toBeGreaterThan(64 * 1024 * 1024)
  // The database's disk is nearly full, and so is the other: nothing is written there, and nothing is kept for it.
  await expect(shipper(async () => 100_000_000).ship(0)).rejects.toThrow(/has 96 MB left .*BACKUP_DIR/)
  const [freed] = await kept()
  expect(freed?.bytes).toBeLessThan(64 * 1024 * 1024)
  await first.ship(0)
  expect(await readWalFolder(database.dataFolder)).not.toBe(line)
})

test('a folder that cannot be written is told in the log and in the status, once, and gone when it works', async () => {
  const lines: unknown[] = []
  const log = { error: (...line: unknown[]) => lines.push(line), info() {}, warn() {}, debug() {} }
  await writeFile(backupDir(), 'a file, where a folder should be')
  await startBackups(log as never).start()
  const status = () => readStatus(database.dataFolder)
  await expect.poll(async () => (await status()).walError, { timeout: 20_000 }).toMatch(/EEXIST|ENOTDIR/)
  await expect.poll(() => lines.length).toBeGreaterThan(0)
  await rename(backupDir(), `${backupDir()}.moved`)
  await expect.poll(async () => (await status()).walAt, { timeout: 30_000 }).toBeTruthy()
  expect((await status()).walError).toBeUndefined()
})

test('nothing is kept for backups that were switched off', async () => {
  await shipper().ship(0)
  const settings = parseSettings(
    { NODE_ENV: 'test', DATA_DIR: database.dataFolder },
    { port: 0, root: folder },
  )
  const service = createBackups({ settings, database, log: createLogger('silent') } as unknown as Deps)
  await service.start()
  expect(await database.admin`select slot_name from pg_replication_slots`).toHaveLength(0)
  expect(existsSync(join(database.dataFolder, 'secrets.json'))).toBe(true)
  expect((await stat(join(database.dataFolder, 'secrets.json'))).mode & 0o077).toBe(0)
  expect(await readFile(join(database.dataFolder, 'secrets.json'), 'utf8')).toContain('sb_secret_')
})
