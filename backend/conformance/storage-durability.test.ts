import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@supabase/supabase-js'
import pg from 'pg'
import * as tus from 'tus-js-client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import WebSocket from 'ws'
import { waitForExit } from '../postgres/postmaster'
import { serviceList } from '../service-list'
import { spawnBackend } from '../testing/process'
import { bytesOf, startWorld } from './storage-client'

// Whole installations are started, one of them twice.
vi.setConfig({ testTimeout: 120_000 })

let folder: string
let cleanUp: (() => unknown)[]

beforeEach(async () => {
  cleanUp = []
  folder = await mkdtemp(join(tmpdir(), 'ec-files-'))
  await chmod(folder, 0o711)
})
afterEach(async () => {
  for (const step of cleanUp.reverse()) await step()
  await rm(folder, { recursive: true, force: true })
})

const MB = 1024 * 1024
/** What files leave to the database, whose disk it is as well. */
const RESERVE_MB = 256

test.runIf(process.getuid?.() === 0)(
  'G04 a disk refuses files with 507 before it is full, keeps none of their bytes, and leaves everything else alone',
  async ({ skip }) => {
    const mount = (...options: string[]) =>
      execFileSync('mount', ['-t', 'tmpfs', ...options, 'tmpfs', folder])
    try {
      mount('-o', `size=${RESERVE_MB + 8}m`)
    } catch {
      skip('no right to mount')
    }
    cleanUp.push(() => execFileSync('umount', ['-l', folder]))
    const world = await startWorld({ services: serviceList, settings: { dataDir: folder } })
    cleanUp.push(() => world.stop())
    const files = world.ada.from('files')
    const path = (name: string) => `${world.people.ada.id}/${name}`
    expect((await files.upload(path('fits.bin'), Buffer.alloc(2 * MB, 'x'))).error).toBeNull()
    const full = {
      ...{ status: 507, statusCode: '507' },
      message: expect.stringMatching(/^No space is left .* Nothing was stored/),
    }
    const large = Buffer.alloc(11 * MB)
    for (const body of [large, new Blob([large])]) {
      expect((await files.upload(path('large.bin'), body)).error).toMatchObject(full)
    }
    const resumable = new Promise((resolve, reject) => {
      new tus.Upload(large, {
        endpoint: `${world.server.url}/storage/v1/upload/resumable`,
        retryDelays: null,
        headers: world.as('ada'),
        metadata: { bucketName: 'files', objectName: path('parts.bin') },
        onError: reject,
        onSuccess: resolve,
      }).start()
    })
    await expect(resumable).rejects.toThrow(/507.*No space is left/s)
    expect(await readdir(join(folder, 'storage', 'drafts'))).toEqual([])
    const disk = await statfs(folder)
    expect(disk.bavail * disk.bsize).toBeGreaterThan((RESERVE_MB - 20) * MB)
    expect((await files.list(world.people.ada.id)).data?.map(({ name }) => name)).toEqual(['fits.bin'])
    expect((await files.download(path('fits.bin'))).data?.size).toBe(2 * MB)
    const rest = await fetch(`${world.server.url}/rest/v1/team_members`, { headers: world.as('ada') })
    expect(rest.status).toBe(200)
    // With room again it goes on by itself.
    mount('-o', `remount,size=${RESERVE_MB + 60}m`)
    expect((await files.upload(path('large.bin'), large)).error).toBeNull()
  },
)

test('G01 after kill -9 every file that was acknowledged is whole, and nothing half-written is to be found', async () => {
  const data = join(folder, 'data')
  await mkdir(join(folder, 'migrations'))
  const launch = () => spawnBackend({ DATA_DIR: data, MIGRATIONS_DIR: join(folder, 'migrations') })
  const first = launch()
  cleanUp.push(() => first.process.kill('SIGKILL'))
  const firstUrl = await first.ready
  const secrets = JSON.parse(await readFile(join(data, 'secrets.json'), 'utf8'))
  const open = (url = '') =>
    createClient(url, secrets.secretKey, { realtime: { transport: WebSocket as never } }).storage
  const before = open(firstUrl)
  await before.createBucket('files')
  const acknowledged = Buffer.alloc(3 * MB, 'acknowledged ')
  expect((await before.from('files').upload('whole.bin', acknowledged)).error).toBeNull()

  // One upload stands still in its middle, another has sent the first of its parts.
  const endless = new ReadableStream({ start: (to) => to.enqueue(Buffer.alloc(MB)) })
  const broken = before.from('files').upload('half.bin', endless)
  const resumable = Buffer.alloc(13 * MB, 'resumable ')
  const headers = { apikey: secrets.secretKey }
  const metadata = { bucketName: 'files', objectName: 'resumed.bin' }
  const send = (url = '', options: Partial<tus.UploadOptions> = {}) =>
    new Promise<string>((resolve, reject) => {
      const upload = new tus.Upload(resumable, {
        ...{ endpoint: `${url}/storage/v1/upload/resumable`, chunkSize: 6 * MB, headers, metadata },
        retryDelays: [0, 100, 200],
        onError: reject,
        onSuccess: () => resolve(upload.url ?? ''),
        onChunkComplete: () => {
          if (options.uploadUrl === undefined) void upload.abort().then(() => resolve(upload.url ?? ''))
        },
        ...options,
      })
      upload.start()
    })
  const address = new URL(await send(firstUrl))
  const drafts = join(data, 'storage', 'drafts')
  await expect
    .poll(async () => {
      const [name] = await readdir(drafts)
      return name === undefined ? 0 : (await stat(join(drafts, name))).size
    })
    .toBe(MB)
  const pid = Number.parseInt(await readFile(join(data, 'postgres/postmaster.pid'), 'utf8'), 10)
  first.process.kill('SIGKILL')
  await first.exit
  expect((await broken).error).not.toBeNull()
  expect(await waitForExit(pid, 30_000)).toBe(true)

  const second = launch()
  cleanUp.push(async () => {
    second.process.kill('SIGTERM')
    await second.exit
  })
  const secondUrl = await second.ready
  const after = open(secondUrl)
  expect((await after.from('files').list()).data?.map(({ name }) => name)).toEqual(['whole.bin'])
  expect((await bytesOf((await after.from('files').download('whole.bin')).data)).equals(acknowledged)).toBe(
    true,
  )
  expect(await readdir(drafts)).toEqual([])
  const { databaseUrl } = JSON.parse(await readFile(join(data, 'secrets.json'), 'utf8'))
  const database = new pg.Client(databaseUrl)
  await database.connect()
  cleanUp.push(() => database.end())
  const planned = async () => (await database.query('select from _backend.blob_removals')).rowCount
  await expect.poll(planned).toBe(0)
  await send(secondUrl, { uploadUrl: `${secondUrl}${address.pathname}` })
  expect((await bytesOf((await after.from('files').download('resumed.bin')).data)).equals(resumable)).toBe(
    true,
  )
  expect((await after.from('files').upload('half.bin', Buffer.from('again'))).error).toBeNull()
})
