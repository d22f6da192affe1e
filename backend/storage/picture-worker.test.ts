import { spawn } from 'node:child_process'
import { once } from 'node:events'
import sharp from 'sharp'
import { afterEach, expect, test, vi } from 'vitest'
import { createPictureWorker, type PictureWorker } from './picture-worker'

vi.setConfig({ testTimeout: 60_000 })

let worker: PictureWorker
afterEach(() => worker.stop())

const picture = (side: number) =>
  sharp({ create: { width: side, height: side, channels: 3, background: 'teal' } })
    .png()
    .toBuffer()
const small = { transformation: { width: 10 }, acceptsWebp: false }
const alive = (pid: number | undefined) => {
  try {
    return pid !== undefined && process.kill(pid, 0)
  } catch {
    return false
  }
}
const ended = (pid: number | undefined) =>
  vi.waitFor(() => expect(alive(pid)).toBe(false), { timeout: 20_000 })

test('starts with the first picture, stays for the next, and ends', async () => {
  worker = createPictureWorker()
  expect(worker.pid()).toBeUndefined()
  const bytes = await picture(40)
  const made = await worker.make({ bytes, ...small })
  expect(await sharp(made.bytes).metadata()).toMatchObject({ width: 10, format: 'png' })
  const first = worker.pid()
  expect(alive(first)).toBe(true)
  await worker.make({ bytes, ...small, acceptsWebp: true })
  expect(worker.pid()).toBe(first)
  worker.stop()
  await ended(first)
})

test('says what is the matter with a picture, and makes the next', async () => {
  worker = createPictureWorker()
  const bytes = Buffer.from('no picture')
  await expect(worker.make({ bytes, ...small })).rejects.toMatchObject({ statusCode: 422, status: 400 })
  const first = worker.pid()
  expect((await worker.make({ bytes: await picture(20), ...small })).contentType).toBe('image/png')
  expect(worker.pid()).toBe(first)
})

test('is killed in the middle: that picture fails with a status, the next one is made', async () => {
  worker = createPictureWorker()
  const bytes = await picture(20)
  await worker.make({ bytes, ...small })
  const first = worker.pid() as number
  // Stopped, so that it is in the middle for as long as it lives.
  process.kill(first, 'SIGSTOP')
  const broken = worker.make({ bytes, ...small })
  process.kill(first, 'SIGKILL')
  await expect(broken).rejects.toMatchObject({ status: 500, error: 'InternalError' })
  expect((await worker.make({ bytes, ...small })).contentType).toBe('image/png')
  expect(worker.pid()).not.toBe(first)
})

test('that takes too long is ended', async () => {
  worker = createPictureWorker(500)
  const bytes = await picture(20)
  const slow = worker.make({ bytes, ...small })
  const pid = worker.pid() as number
  process.kill(pid, 'SIGSTOP')
  await expect(slow).rejects.toMatchObject({ status: 500, message: expect.stringContaining('too long') })
  await ended(pid)
})

test('ends with whom it works for, however that one ended', async () => {
  worker = createPictureWorker()
  const bytes = (await picture(20)).toString('base64')
  const module = new URL('./picture-worker.ts', import.meta.url).href
  const owner = spawn(process.execPath, [
    ...['--import', 'tsx', '--input-type=module', '--eval'],
    `const { createPictureWorker } = await import('${module}')
    const worker = createPictureWorker()
    const bytes = Buffer.from('${bytes}', 'base64')
    await worker.make({ bytes, transformation: { width: 10 }, acceptsWebp: false })
    console.log(worker.pid())
    setInterval(() => {}, 1_000)`,
  ])
  const [line] = await once(owner.stdout, 'data')
  const pid = Number(String(line))
  expect(alive(pid)).toBe(true)
  owner.kill('SIGKILL')
  await ended(pid)
})

test('that nobody needs gives its memory back', async () => {
  worker = createPictureWorker(undefined, 50)
  await worker.make({ bytes: await picture(20), ...small })
  const pid = worker.pid()
  await ended(pid)
  expect(worker.pid()).toBeUndefined()
})
