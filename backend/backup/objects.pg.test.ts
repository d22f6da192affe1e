import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import S3rver from 's3rver'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Blobs } from '../storage/blobs/blobs'
import { createS3Blobs } from '../storage/blobs/s3'
import type { TestDatabase } from '../testing/server'
import { createBackup } from './create'
import { addFile, migrationsDir, openFolder, runVerb, startInstallation } from './drill'
import { restoreBackup } from './restore'

// Where uploaded files are after a restore: a bucket that speaks S3, or the data folder.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })

const keys = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }
/** `deleted` is in the folder and has no row, as after an increment that deleted it; of `lost` nothing but the row is there. */
const [kept, lost, deleted] = [randomUUID(), randomUUID(), randomUUID()]

let database: TestDatabase
let folder: string
let server: S3rver
let endpoint: string
let source: Parameters<typeof createBackup>[1]
const opened: Blobs[] = []

beforeAll(async () => {
  database = await startInstallation()
  folder = await openFolder()
  server = new S3rver({
    port: 0,
    address: '127.0.0.1',
    silent: true,
    directory: join(folder, 's3'),
    configureBuckets: ['chat', 'new', 'other'].map((name) => ({ name, configs: [] })),
  })
  const { port } = (await server.run()) as { port: number }
  endpoint = `http://127.0.0.1:${port}`
  source = { database, dataDir: database.dataFolder, product: '1.2.3' }
  await database.admin`insert into storage.buckets (id, name) values ('files', 'files') on conflict do nothing`
  for (const version of [kept, lost]) {
    await database.admin`insert into storage.objects (bucket_id, name, version, metadata)
      values ('files', ${version}, ${version}, '{"size": 16}')`
  }
  const blobs = await bucket('chat')
  await blobs.write(kept, Readable.from([Buffer.from('kept in a bucket')]))
}, 120_000)
afterAll(async () => {
  for (const blobs of opened) await blobs.stop()
  await server?.close()
  await database?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function bucket(name: string): Promise<Blobs> {
  const settings = { bucket: name, region: 'us-east-1', pathStyle: true, endpoint, ...keys }
  const blobs = createS3Blobs(settings, 10_000_000)
  await blobs.start()
  opened.push(blobs)
  return blobs
}

const pathOf = (dataDir: string, version: string) =>
  join(dataDir, 'storage/objects', version.slice(0, 2), version)

test('files that are kept in S3 are left there, or put into the archive where a data folder has them', async () => {
  const left = await createBackup(join(folder, 'left.tar.gz'), { ...source, objects: 'left' })
  expect(left.objects).toBe('not included')
  expect(left.members.filter(({ path }) => path.includes(kept))).toEqual([])
  const file = join(folder, 'whole.tar.gz')
  expect(await createBackup(file, { ...source, objects: await bucket('chat') })).toMatchObject({
    objects: 'included',
  })
  const dataDir = join(folder, 'on-disk')
  expect(await restoreBackup({ file, dataDir, migrationsDir })).toMatchObject({ placed: 0 })
  expect(await readFile(pathOf(dataDir, kept), 'utf8')).toBe('kept in a bucket')
})

test('restored where files are kept in S3 they are in that bucket, and not in the data folder', async () => {
  const file = join(folder, 'whole.tar.gz')
  const env = {
    ...{ STORAGE_S3_BUCKET: 'new', STORAGE_S3_ENDPOINT: endpoint },
    ...{ STORAGE_S3_ACCESS_KEY_ID: 'S3RVER', STORAGE_S3_SECRET_ACCESS_KEY: 'S3RVER' },
  }
  const dataDir = join(folder, 'with-bucket')
  const { code, output } = await runVerb('restore', [file, '--data-dir', dataDir], env).ended
  expect(output).toContain('1 uploaded files are in the bucket "new" now.')
  expect(code).toBe(0)
  expect(await text(await (await bucket('new')).read(kept))).toBe('kept in a bucket')
  expect(existsSync(join(dataDir, 'storage/objects'))).toBe(false)

  const none = await runVerb('restore', [file, '--data-dir', join(folder, 'none')], {
    ...env,
    STORAGE_S3_BUCKET: 'missing',
  }).ended
  expect(none).toMatchObject({ code: 1, output: expect.stringContaining('"missing" cannot be used') })
  expect(existsSync(join(folder, 'none'))).toBe(false)
})

test('files of a data folder move to the bucket, but for those that were deleted', async () => {
  const drafts = join(database.dataFolder, 'storage/objects')
  for (const version of [kept, deleted]) {
    await addFile(database.dataFolder, `storage/objects/${version.slice(0, 2)}/${version}`, 'from the disk')
  }
  const file = join(folder, 'local.tar.gz')
  expect(await createBackup(file, source)).toMatchObject({ objects: 'local' })
  await rm(drafts, { recursive: true })
  const dataDir = join(folder, 'moved')
  const objects = await bucket('other')
  expect(await restoreBackup({ file, dataDir, migrationsDir, objects })).toMatchObject({ placed: 1 })
  expect(await text(await objects.read(kept))).toBe('from the disk')
  await expect(objects.read(deleted)).rejects.toThrow(/missing/)
})

test('a bucket that fails in the middle leaves an empty folder and says why', async () => {
  const objects = { ...(await bucket('other')), keep: () => Promise.reject(new Error('SlowDown')) }
  const dataDir = join(folder, 'failed')
  const restored = restoreBackup({ file: join(folder, 'local.tar.gz'), dataDir, migrationsDir, objects })
  await expect(restored).rejects.toThrow(/cannot be put where files are kept \(SlowDown\)/)
  expect(await readdir(dataDir)).toEqual([])
})
