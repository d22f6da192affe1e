import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type BackendProcess, spawnBackend } from '../testing/process'
import { signLegacyToken } from '../tokens'
import { closeCode, joinFrame, maskedFrame, rawSockets, rest } from './realtime-raw'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 180_000 })

const MB = 1_048_576
const world = { server: { url: '', publishableKey: '', secretKey: '', jwtSecret: '' } }
const { open, tcp, upgraded } = rawSockets(world)
let backend: BackendProcess
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ec-memory-'))
  await chmod(folder, 0o711)
  backend = spawnBackend({
    DATA_DIR: join(folder, 'data'),
    MIGRATIONS_DIR: new URL('./fixtures/realtime', import.meta.url).pathname,
    LOG_LEVEL: 'trace',
    REALTIME_MAX_BUFFERED_BYTES: '1000000',
    REALTIME_MAX_REST_MESSAGES_PER_SECOND: '1000000',
  })
  const url = await backend.ready
  if (!url) throw new Error(backend.output())
  const secrets = JSON.parse(await readFile(join(folder, 'data/secrets.json'), 'utf8'))
  Object.assign(world.server, { url, ...secrets })
})
afterAll(async () => {
  backend.process.kill('SIGTERM')
  await backend.exit
  await rm(folder, { recursive: true, force: true })
})

/** Bytes of memory that the server's process has, as the system counts them. */
async function memory(): Promise<number> {
  const status = await readFile(`/proc/${backend.process.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024
}

/** How much the server grows at most while something happens that it has seen before. */
async function growth(act: () => Promise<void>): Promise<number> {
  const before = await memory()
  let most = 0
  const acting = act()
  const look = async (): Promise<void> => {
    most = Math.max(most, (await memory()) - before)
  }
  while (await Promise.race([sleep(20, true), acting.then(() => false)])) await look()
  await look()
  return most
}

async function isAlive(): Promise<boolean> {
  const { say, messages } = await open()
  say([null, '1', 'phoenix', 'heartbeat', {}])
  await expect.poll(() => messages.length).toBe(1)
  return messages[0][4].status === 'ok'
}

describe('B16: memory', () => {
  test('a million continuations of a byte end the socket, and the server grows by less than 20 MB', async () => {
    const fragments = Buffer.concat(Array.from({ length: 10_000 }, () => maskedFrame(0, 'x', false)))
    const attack = async () => {
      const { socket } = await upgraded()
      const code = closeCode(socket)
      socket.write(maskedFrame(1, '[', false))
      for (let i = 0; i < 100 && socket.writable; i++) {
        if (socket.write(fragments)) continue
        await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), code])
      }
      // 1008, where fragments are counted; the close frame is lost when we are still writing.
      expect([1002, 1008, 1009, null]).toContain(await code)
    }
    for (let i = 0; i < 3; i++) await attack()
    expect(await growth(attack)).toBeLessThan(20 * MB)
    expect(await isAlive()).toBe(true)
  })

  test('a hundred heads that announce 2 GB make it grow by less than 10 MB', async () => {
    const head = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0])
    const attack = async () => {
      const sockets = await Promise.all(Array.from({ length: 100 }, () => upgraded()))
      for (const { socket } of sockets) socket.write(head)
      const codes = await Promise.all(sockets.map(({ socket }) => closeCode(socket)))
      expect(new Set(codes)).toEqual(new Set([1009]))
    }
    await attack()
    expect(await growth(attack)).toBeLessThan(20 * MB)
  })
})

test('B18: a thousand connections that never finish their head are gone after ten seconds', async () => {
  const sockets = await Promise.all(Array.from({ length: 1_000 }, () => tcp()))
  const began = Date.now()
  for (const socket of sockets) socket.write('GET /realtime/v1/websocket HTTP/1.1\r\nHost: x\r\nX: ')
  await Promise.all(sockets.map((socket) => rest(socket)))
  expect(Date.now() - began).toBeLessThan(20_000)
  expect(await isAlive()).toBe(true)
})

test('B19: a reader that stops is ended while its channel is busy; memory stays flat and others hear all', async () => {
  const [slow, quick] = [await upgraded(), await open()]
  slow.socket.write(maskedFrame(1, JSON.stringify(joinFrame('realtime:busy'))))
  await once(slow.socket, 'data')
  slow.socket.pause()
  quick.say(joinFrame('realtime:busy'))
  await expect.poll(() => quick.messages.length).toBe(1)
  const { url, secretKey } = world.server
  const text = 'x'.repeat(20_000)
  const body = JSON.stringify({
    messages: Array.from({ length: 10 }, () => ({ topic: 'busy', event: 'e', payload: { text } })),
  })
  let heard = 0
  quick.socket.on('message', () => {
    quick.messages.length = 0
    heard++
  })
  /** Ten messages, 200 kB, at once; the next when the quick one has heard them. */
  const rounds = async (count: number) => {
    for (let n = 0; n < count; n++) {
      const before = heard
      const answer = await fetch(`${url}/realtime/v1/api/broadcast`, {
        ...{ method: 'POST', body },
        headers: { apikey: secretKey, 'content-type': 'application/json' },
      })
      expect(answer.status).toBe(202)
      await vi.waitUntil(() => heard === before + 10, { interval: 1, timeout: 5_000 })
    }
  }
  await rounds(100)
  const grown = await growth(() => rounds(300))
  // 60 MB went by while it was measured. Garbage is collected when it pays, which makes some megabytes of noise.
  expect(grown).toBeLessThan(25 * MB)
  slow.socket.resume()
  expect((await rest(slow.socket)).length).toBeLessThan(20 * MB)
})

test('B13: neither key nor token stands in the log, at its most talkative', async () => {
  const token = `eyJ${'a'.repeat(40)}`
  const { say, messages } = await open(`apikey=${world.server.publishableKey}&vsn=2.0.0&token=${token}`)
  say(joinFrame('realtime:logged', '1', {}, { access_token: token }))
  await expect.poll(() => messages.length).toBe(1)
  expect(messages[0][4].status).toBe('error')
  await fetch(`${world.server.url}/rest/v1/news?apikey=${world.server.publishableKey}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  // The log is written at all.
  await expect.poll(() => backend.output()).toContain('/rest/v1/news')
  expect(backend.output()).not.toContain(token)
  expect(backend.output()).not.toContain(world.server.publishableKey)
})

test('B16: messages nested beyond measure end their sender, wherever they wait, and nothing else', async () => {
  const exp = Math.floor(Date.now() / 1000) + 3600
  const { jwtSecret, publishableKey, url } = world.server
  const claims = { sub: randomUUID(), role: 'authenticated', exp }
  const [first, second] = [
    await signLegacyToken(jwtSecret, claims),
    await signLegacyToken(jwtSecret, { ...claims, again: true }),
  ]
  for (const levels of [4_000, 100_000]) {
    const nested = `${'['.repeat(levels)}${']'.repeat(levels)}`
    const { socket, say, messages, closed } = await open()
    say(joinFrame('realtime:deep', '1', {}, { access_token: first }))
    await expect.poll(() => messages.length).toBe(1)
    // What follows a new token waits until that is dealt with.
    say(['1', null, 'realtime:deep', 'access_token', { access_token: second }])
    socket.send(`["1","2","realtime:deep","presence",{"event":"track","payload":{"a":${nested}}}]`)
    expect(await closed).toBe(1007)
    const answer = await fetch(`${url}/realtime/v1/api/broadcast`, {
      ...{ method: 'POST', body: `{"messages":[{"topic":"deep","event":"e","payload":{"a":${nested}}}]}` },
      headers: { apikey: publishableKey, 'content-type': 'application/json' },
    })
    expect(answer.status).toBe(422)
  }
  expect(await isAlive()).toBe(true)
  expect(backend.output()).not.toMatch(/nobody noticed|unexpected error/)
})
