import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import S3rver from 's3rver'
import sharp from 'sharp'
import * as tus from 'tus-js-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createStorage } from '../storage/service'
import { startTestServer } from '../testing/server'
import { bytesOf, startWorld, type World } from './storage-client'

let world: World
let folder: string
let server: S3rver
let s3: {
  endpoint: string
  bucket: string
  region: string
  pathStyle: true
  accessKeyId: string
  secretAccessKey: string
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ec-s3-'))
  server = new S3rver({
    port: 0,
    address: '127.0.0.1',
    silent: true,
    directory: folder,
    configureBuckets: [{ name: 'chat', configs: [] }],
  })
  const { port } = (await server.run()) as { port: number }
  s3 = {
    ...{ endpoint: `http://127.0.0.1:${port}`, bucket: 'chat', region: 'us-east-1', pathStyle: true },
    ...{ accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
  }
  world = await startWorld({ settings: { s3, fileSizeLimit: 40 * 1024 * 1024 } })
})
afterAll(async () => {
  await world?.stop()
  await server?.close()
  if (folder) await rm(folder, { recursive: true, force: true })
})

/** What the bucket holds. */
async function kept(): Promise<string[]> {
  const names = await readdir(join(folder, 'chat', 'objects')).catch(() => [])
  return names.filter((name) => name.endsWith('._S3rver_object')).map((name) => name.split('.', 1)[0] ?? '')
}

const path = (name: string) => `${world.people.ada.id}/${name}`

test('files go to the bucket and come back, whole and in parts', async () => {
  const files = world.ada.from('files')
  // Several parts, and the last one short.
  const bytes = Buffer.alloc(20 * 1024 * 1024 + 7, 'in a bucket ')
  expect((await files.upload(path('large.bin'), bytes)).error).toBeNull()
  expect((await bytesOf((await files.download(path('large.bin'))).data)).equals(bytes)).toBe(true)
  const part = await world.http(`object/files/${path('large.bin')}`, {
    headers: { ...world.as('ada'), range: 'bytes=5-14' },
  })
  expect([part.status, await part.text()]).toEqual([206, bytes.subarray(5, 15).toString()])
  expect((await files.upload(path('empty.bin'), Buffer.alloc(0))).error).toBeNull()
  expect((await files.download(path('empty.bin'))).data?.size).toBe(0)
  expect((await files.copy(path('empty.bin'), path('copy.bin'))).error).toBeNull()
  expect((await files.move(path('copy.bin'), path('moved.bin'))).error).toBeNull()
  expect((await kept()).length).toBe(2)
})

test('what is deleted or refused leaves nothing in the bucket', async () => {
  const files = world.ada.from('files')
  const before = await kept()
  expect((await files.upload(path('gone.txt'), Buffer.from('gone'))).error).toBeNull()
  expect((await kept()).length).toBe(before.length + 1)
  await files.remove([path('gone.txt')])
  await expect.poll(kept).toEqual(before)
  const endless = new ReadableStream({ pull: (to) => to.enqueue(Buffer.alloc(1024 * 1024)) })
  expect((await files.upload(path('endless.bin'), endless)).error).toMatchObject({ statusCode: '413' })
  await expect.poll(kept).toEqual(before)
})

test('resumable uploads and pictures work there too', async () => {
  const picture = await sharp({ create: { width: 90, height: 90, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
  await new Promise<void>((resolve, reject) => {
    new tus.Upload(picture, {
      endpoint: `${world.server.url}/storage/v1/upload/resumable`,
      headers: world.as('ada'),
      metadata: { bucketName: 'files', objectName: path('tus.png'), contentType: 'image/png' },
      onError: reject,
      onSuccess: () => resolve(),
    }).start()
  })
  const { data } = await world.ada.from('files').download(path('tus.png'), { transform: { width: 30 } })
  expect(await sharp(await bytesOf(data)).metadata()).toMatchObject({ width: 30, height: 30 })
})

test('a row whose bytes are missing is told as missing', async () => {
  await world.ada.from('files').upload(path('lost.txt'), Buffer.from('lost'))
  const { admin } = world.server.database
  await admin`update storage.objects set version = ${randomUUID()} where name = ${path('lost.txt')}`
  expect((await world.ada.from('files').download(path('lost.txt'))).error).toMatchObject({
    statusCode: '404',
  })
})

test('a bucket that cannot be used is said at the start', async () => {
  const starting = startTestServer({
    services: [createStorage],
    migrationsDir: null,
    settings: { s3: { ...s3, bucket: 'none' } },
  })
  await expect(starting).rejects.toThrow(/STORAGE_S3_BUCKET: the bucket "none" cannot be used/)
})
