import { on, once } from 'node:events'
import { connect, createServer, Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { SharedFrame } from './frame'
import { Outbox } from './outbox'

const tick = () => new Promise((resolve) => setImmediate(resolve))

test('what one tick produces leaves in one write', async () => {
  const raw = new PassThrough()
  const write = vi.spyOn(raw, 'write')
  const outbox = new Outbox(raw, 1_000, () => {})
  for (const text of ['a', 'b', 'c']) outbox.push(Buffer.from(text))
  expect(write).not.toHaveBeenCalled()
  await tick()
  await tick()
  expect(write).toHaveBeenCalledTimes(1)
  expect(String(raw.read())).toBe('abc')
})

test('what is large leaves in one write too, and is not copied', async () => {
  const raw = new PassThrough({ highWaterMark: 1_000_000 })
  const uncork = vi.spyOn(raw, 'uncork')
  const write = vi.spyOn(raw, 'write')
  const outbox = new Outbox(raw, 1_000_000, () => {})
  const shared = Buffer.alloc(100_000, 'x')
  outbox.push(new SharedFrame('a', shared))
  await tick()
  await tick()
  expect(uncork).toHaveBeenCalledTimes(1)
  expect(write.mock.calls.map(([bytes]) => bytes)).toContain(shared)
  expect(raw.readableLength).toBe(100_011)
})

test('what is put together for one reader stays theirs while it waits for them', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const readers = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
  const sockets: Socket[] = []
  for await (const [socket] of on(server, 'connection')) if (sockets.push(socket) === 2) break
  const outboxes = sockets.map((raw) => new Outbox(raw, 100_000_000, () => {}))
  const frames = (name: string) =>
    Array.from({ length: 2_000 }, (_, i) => new SharedFrame(`${name}${i} `, Buffer.alloc(6_000, name)))
  const sent = { a: frames('a'), b: frames('b') }
  // Nobody reads: the first fill the kernel's buffers, the others wait in ours.
  for (let i = 0; i < 2_000; i++) {
    outboxes[0]?.push(sent.a[i] as SharedFrame)
    outboxes[1]?.push(sent.b[i] as SharedFrame)
    await tick()
  }
  expect(sockets.every((socket) => socket.writableLength > 0)).toBe(true)
  for (const [i, name] of (['a', 'b'] as const).entries()) {
    sockets[i]?.end()
    const chunks = await readers[i]?.toArray()
    expect(
      Buffer.concat(chunks ?? []).equals(Buffer.concat(sent[name].flatMap((frame) => frame.pieces()))),
    ).toBe(true)
  }
  server.close()
})

test('what waits for a reader takes no more memory than it is counted with', async () => {
  const raw = new Socket()
  // As if the kernel took nothing.
  raw.cork()
  const write = vi.spyOn(raw, 'write')
  const outbox = new Outbox(raw, 100_000, () => {})
  const shared = Buffer.alloc(200, 'x')
  for (let i = 0; i < 100; i++) {
    outbox.push(new SharedFrame('a', shared))
    outbox.flush()
  }
  const kept = new Set(write.mock.calls.map(([bytes]) => (bytes as Buffer).buffer))
  const memory = [...kept].reduce((sum, { byteLength }) => sum + byteLength, 0)
  expect(raw.writableLength).toBe(100 * 205)
  // The first was put together where the next reader's would have been.
  expect(memory).toBeLessThan(raw.writableLength + 8_192)
})

test('a reader that does not keep up is reported once and gets nothing more', async () => {
  const raw = new PassThrough({ highWaterMark: 1 })
  const overflow = vi.fn()
  const outbox = new Outbox(raw, 100, overflow)
  for (let i = 0; i < 50; i++) outbox.push(Buffer.alloc(10))
  await tick()
  expect(overflow).toHaveBeenCalledTimes(1)
})

test('one frame larger than the bound passes when nothing is waiting', () => {
  const overflow = vi.fn()
  const outbox = new Outbox(new PassThrough(), 100, overflow)
  outbox.push(Buffer.alloc(1_000))
  expect(overflow).not.toHaveBeenCalled()
})

test('a crowd is written to in turns, and whoever comes meanwhile does not wait for its end', async () => {
  const written: number[] = []
  const outbox = (name: number) => {
    const raw = new PassThrough()
    vi.spyOn(raw, 'write').mockImplementation(() => written.push(name) > 0)
    return new Outbox(raw, 1_000, () => {})
  }
  for (let i = 0; i < 2_000; i++) outbox(i).push(Buffer.from('all'))
  await tick()
  outbox(-1).push(Buffer.from('one'))
  await expect.poll(() => written.length).toBe(2_001)
  expect(written.indexOf(-1)).toBeGreaterThan(0)
  expect(written.indexOf(-1)).toBeLessThan(1_500)
  expect(written.filter((name) => name !== -1)).toEqual(Array.from({ length: 2_000 }, (_, i) => i))
})
