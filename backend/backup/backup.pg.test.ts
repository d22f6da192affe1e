import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, open, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { lockFolder } from '../lock'
import { createLogger } from '../log'
import type { TestDatabase } from '../testing/server'
import { createBackup } from './create'
import { RESTORED, RESTORING } from './data-files'
import {
  addFile,
  checksums,
  fileSums,
  migrationsDir,
  openFolder,
  openRestored,
  runVerb,
  startInstallation,
} from './drill'
import { finishRestore } from './finish-restore'
import { readArchive } from './read-archive'
import { restoreBackup } from './restore'

// They wait for disks, and a busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })

let database: TestDatabase
let folder: string
beforeAll(async () => {
  database = await startInstallation()
})
afterAll(() => database?.stop())
beforeEach(async () => {
  folder = await openFolder()
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const backUp = (file: string, signal?: AbortSignal) => {
  const source = { database, dataDir: database.dataFolder, product: '1.2.3' }
  return createBackup(file, signal ? { ...source, signal } : source)
}
const write = (count: number, body = 'note') =>
  database.admin`insert into public.notes (body) select ${body} || n from generate_series(1, ${count}::int) n`
const target = () => join(folder, 'restored')

test('G15: what is restored equals what was backed up: every row of every table, and every file', async () => {
  await write(5000)
  await database.admin`insert into auth.users (id, email, raw_user_meta_data)
    values (gen_random_uuid(), 'ada@example.org', '{"display_name":"Ada"}')`
  const file = join(folder, 'backup.tar.gz')
  const manifest = await backUp(file)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(manifest).toMatchObject({
    product: '1.2.3',
    postgres: expect.stringMatching(/^18/),
    objects: 'local',
  })
  expect(manifest.migrations).toHaveLength((await readdir(migrationsDir)).length)
  const expected = { rows: await checksums(database.admin), files: await fileSums(database.dataFolder) }
  expect(Object.keys(expected.files)).toEqual(
    expect.arrayContaining(['secrets.json', 'storage/objects/first.bin']),
  )
  expect(Object.keys(expected.files)).not.toContain('storage/drafts/half')
  await restoreBackup({ file, dataDir: target(), migrationsDir })
  const rows = await openRestored(target(), ({ admin }) => checksums(admin))
  expect(rows).toEqual(expected.rows)
  expect(await fileSums(target())).toEqual(expected.files)
  expect(existsSync(join(target(), RESTORED))).toBe(true)
})

test('a backup while people write has all that was acknowledged before it, and no half transaction', async () => {
  await database.admin`create table public.pairs (id int, half int, primary key (id, half))`
  let acknowledged = 0
  let writing = true
  const writer = (async () => {
    while (writing) {
      const id = acknowledged + 1
      await database.admin`insert into public.pairs values (${id}, 1), (${id}, 2)`
      acknowledged = id
      await addFile(database.dataFolder, `storage/objects/pair-${id % 50}`, String(id))
    }
  })()
  await expect.poll(() => acknowledged).toBeGreaterThan(50)
  const before = acknowledged
  const file = join(folder, 'backup.tar.gz')
  await backUp(file).finally(() => {
    writing = false
  })
  await writer
  expect(acknowledged).toBeGreaterThan(before)
  await restoreBackup({ file, dataDir: target(), migrationsDir })
  const [found] = await openRestored(
    target(),
    ({ admin }) => admin<{ whole: number; halves: number; last: number }[]>`
      select count(*) filter (where n = 2)::int as whole, count(*) filter (where n <> 2)::int as halves, max(id) as last
      from (select id, count(*) as n from public.pairs group by id) p`,
  )
  expect(found).toMatchObject({ halves: 0 })
  expect(found?.whole).toBe(found?.last)
  expect(found?.whole).toBeGreaterThanOrEqual(before)
})

test('the first start after a restore, and no other, tells the schema', async () => {
  await database.admin.unsafe(`create table public.restores ();
    create or replace function private.after_restore() returns void language sql set search_path = ''
      as 'insert into public.restores default values'`)
  const file = join(folder, 'backup.tar.gz')
  await backUp(file)
  await restoreBackup({ file, dataDir: target(), migrationsDir })
  const count = await openRestored(target(), async ({ admin }) => {
    for (const _ of ['first', 'second']) await finishRestore(admin, target(), createLogger('silent'))
    return admin`select count(*)::int as restores from public.restores`
  })
  expect(count).toEqual([{ restores: 1 }])
  expect(existsSync(join(target(), RESTORED))).toBe(false)
})

test('files that were deleted after the archive was made go again at the first start after a restore', async () => {
  const [kept, deleted] = [randomUUID(), randomUUID()]
  await database.admin`insert into storage.buckets (id, name) values ('files', 'files')`
  for (const version of [kept, deleted]) {
    await addFile(database.dataFolder, `storage/objects/${version.slice(0, 2)}/${version}`, 'bytes')
    await database.admin`insert into storage.objects (bucket_id, name, version, metadata)
      values ('files', ${version}, ${version}, '{"size": 5}')`
  }
  const file = join(folder, 'backup.tar.gz')
  await backUp(file)
  await restoreBackup({ file, dataDir: target(), migrationsDir })
  const queued = await openRestored(target(), async ({ admin }) => {
    // As the increments bring it: the row is gone, and so is what the original still had to remove.
    await admin.begin(async (sql) => {
      await sql`select set_config('storage.allow_delete_query', 'true', true)`
      await sql`delete from storage.objects where version = ${deleted}`
      await sql`delete from _backend.blob_removals`
    })
    await finishRestore(admin, target(), createLogger('silent'))
    return admin`select version from _backend.blob_removals`
  })
  expect(queued).toEqual([{ version: deleted }])
})

test('a folder that is not empty is refused and left alone', async () => {
  const file = join(folder, 'backup.tar.gz')
  await backUp(file)
  await addFile(target(), 'letters/important.txt', 'mine')
  const options = { file, dataDir: target(), migrationsDir }
  await expect(restoreBackup(options)).rejects.toThrow(/is not empty: .*--data-dir/)
  expect(await readdir(target())).toEqual(['letters'])
})

test('a folder that was filled while its lock was waited for is refused and left alone', async () => {
  const file = join(folder, 'backup.tar.gz')
  await writeFile(file, 'never read')
  await mkdir(target())
  const release = await lockFolder(target())
  const restored = restoreBackup({ file, dataDir: target(), migrationsDir })
  const waits = async () => (await readdir(target())).some((name) => name.startsWith('lock.'))
  await expect.poll(waits).toBe(true)
  await addFile(target(), 'letters/important.txt', 'mine')
  await release()
  await expect(restored).rejects.toThrow(/is not empty: .*--data-dir/)
  expect(await readdir(target())).toEqual(['letters'])
})

test('a damaged, a shortened and a foreign file are refused, and nothing is left', async () => {
  const file = join(folder, 'backup.tar.gz')
  const { members } = await backUp(file)
  const { size } = await stat(file)
  const damaged = join(folder, 'damaged.tar.gz')
  await cp(file, damaged)
  const handle = await open(damaged, 'r+')
  await handle.write(Buffer.from('damage'), 0, 6, Math.floor(size / 2))
  await handle.close()
  const short = join(folder, 'short.tar.gz')
  await cp(file, short)
  await truncate(short, size - 1000)
  const foreign = join(folder, 'foreign.tar.gz')
  await writeFile(foreign, 'hello')
  for (const [wrong, reason] of [
    [damaged, /damaged/],
    [short, /damaged or incomplete/],
    [foreign, /damaged or incomplete/],
    [join(folder, 'none.tar.gz'), /none\.tar\.gz is not there/],
  ] as const) {
    await expect(restoreBackup({ file: wrong, dataDir: target(), migrationsDir })).rejects.toThrow(reason)
    expect(await readdir(target())).toEqual([])
  }
  expect(members.length).toBeGreaterThan(500)
})

test('a backup of a newer release is refused with the reason', async () => {
  const file = join(folder, 'backup.tar.gz')
  await backUp(file)
  const older = join(folder, 'migrations')
  await cp(migrationsDir, older, { recursive: true })
  const [newest = ''] = (await readdir(older)).sort().reverse()
  await rm(join(older, newest))
  await expect(restoreBackup({ file, dataDir: target(), migrationsDir: older })).rejects.toThrow(
    new RegExp(`newer release .*${newest.split('_')[0]}`),
  )
})

test('a backup that is ended early leaves nothing', async () => {
  const ending = new AbortController()
  const made = backUp(join(folder, 'backup.tar.gz'), ending.signal)
  ending.abort()
  await expect(made).rejects.toThrow(/abort/i)
  expect(await readdir(folder)).toEqual([])
})

test('kill -9 in the middle of a backup leaves nothing that looks whole', async () => {
  // What does not compress keeps it busy.
  await database.admin`insert into public.notes (body)
    select string_agg(md5(random()::text), '') from generate_series(1, 200000) n group by n % 2000`
  const file = join(folder, 'backup.tar.gz')
  const lock = join(database.dataFolder, 'lock')
  const env = { DATA_DIR: database.dataFolder }
  // The installation counts as running: the backup is made of the live database.
  await cp(await liveLock(), lock)
  const { process: child, ended } = runVerb('backup', [file], env)
  const isWriting = async () => (await readdir(folder)).some((name) => name.endsWith('.part'))
  await expect.poll(isWriting, { timeout: 60_000 }).toBe(true)
  child.kill('SIGKILL')
  await ended
  expect(existsSync(file)).toBe(false)
  for (const name of await readdir(folder)) {
    if (name.endsWith('.part'))
      await expect(readArchive(join(folder, name))).rejects.toThrow(/damaged or incomplete/)
  }
  const second = await runVerb('backup', [file], env).ended
  expect(second).toMatchObject({ code: 0, output: expect.stringContaining(file) })
  await readArchive(file)
  await rm(lock, { force: true })
})

test('kill -9 in the middle of a restore leaves nothing that starts, and the restore can be run again', async () => {
  const file = join(folder, 'backup.tar.gz')
  await backUp(file)
  const expected = await checksums(database.admin)
  const args = [file, '--data-dir', target()]
  const { process: child, ended } = runVerb('restore', args, {})
  await expect
    .poll(() => existsSync(join(target(), RESTORING, 'postgres/base')), { timeout: 60_000 })
    .toBe(true)
  child.kill('SIGKILL')
  await ended
  const start = await runVerb('backend', [], { DATA_DIR: target(), PORT: '0' }).ended
  expect(start).toMatchObject({ code: 1, output: expect.stringMatching(/restore into .* was interrupted/) })
  const again = await runVerb('restore', args, {}).ended
  expect(again).toMatchObject({ code: 0, output: expect.stringContaining('is restored from') })
  expect(existsSync(join(target(), RESTORING))).toBe(false)
  expect(await openRestored(target(), ({ admin }) => checksums(admin))).toEqual(expected)
})

/** A lock of this very process, as `npm start` would hold it. */
async function liveLock(): Promise<string> {
  const { lockFolder } = await import('../lock')
  const place = join(folder, 'locked')
  await addFile(place, 'x', '')
  await lockFolder(place)
  return join(place, 'lock')
}
