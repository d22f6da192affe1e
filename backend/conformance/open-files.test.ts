import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type BackendProcess, spawnBackend } from '../testing/process'
import { joinFrame, rawSockets } from './realtime-raw'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 })

const FILES = 1_024
const world = { server: { url: '', publishableKey: '', secretKey: '' } }
const { open, refusal, tcp } = rawSockets(world)
let backend: BackendProcess
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ec-files-'))
  await chmod(folder, 0o711)
  const env = {
    DATA_DIR: join(folder, 'data'),
    MIGRATIONS_DIR: new URL('./fixtures/realtime', import.meta.url).pathname,
    LOG_LEVEL: 'warn',
    REALTIME_MAX_SOCKETS_PER_ADDRESS: '100000',
  }
  backend = spawnBackend(env, undefined, FILES)
  const url = await backend.ready
  if (!url) throw new Error(backend.output())
  Object.assign(world.server, {
    url,
    ...JSON.parse(await readFile(join(folder, 'data/secrets.json'), 'utf8')),
  })
})
afterAll(async () => {
  backend.process.kill('SIGTERM')
  await backend.exit
  await rm(folder, { recursive: true, force: true })
})

/** The server is the child of nobody else: `exec` put it in the place of the shell. */
const openFiles = async () => (await readdir(`/proc/${backend.process.pid}/fd`)).length

let lastId = 0
/** Says something in the chat, over a connection of its own or one that is kept. */
function insert(agent: Agent): Promise<number> {
  const body = JSON.stringify({ id: ++lastId, title: 'still here' })
  const { secretKey, url } = world.server
  return new Promise((resolve, reject) => {
    const asked = request(
      `${url}/rest/v1/news`,
      {
        ...{ agent, method: 'POST' },
        headers: { apikey: secretKey, 'content-type': 'application/json', 'content-length': body.length },
      },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0))
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })
}

async function chatting() {
  const person = await open()
  const beat = setInterval(() => person.say([null, null, 'phoenix', 'heartbeat', {}]), 20_000)
  void person.closed.then(() => clearInterval(beat))
  const all = { event: 'INSERT', schema: 'public', table: 'news' }
  person.say(joinFrame('realtime:chat', '1', { postgres_changes: [all] }))
  await expect.poll(() => person.messages.some((each) => each[3] === 'system')).toBe(true)
  const heard = () => person.messages.filter((each) => each[3] === 'postgres_changes').length
  return { ...person, heard }
}

test('G05: out of files, new sockets are refused, those that stand chat on, and all is well when files are free again', async () => {
  const people = [await chatting(), await chatting()]
  const kept = new Agent({ keepAlive: true, maxSockets: 1 })
  const fresh = new Agent({ keepAlive: false })
  expect(await insert(kept)).toBe(201)
  await expect.poll(() => people.map(({ heard }) => heard())).toEqual([1, 1])
  const before = await openFiles()

  const taken: { destroy(): void }[] = []
  // Sockets until there are no more.
  let refused = ''
  while (!refused && taken.length < FILES) {
    await open().then(
      ({ socket }) => taken.push({ destroy: () => socket.terminate() }),
      (error: Error) => {
        refused = error.message
      },
    )
  }
  expect(refused).toContain('429')
  expect(await refusal()).toEqual([429, 'Too many connected users'])
  expect(taken.length).toBeGreaterThan(400)
  // People who only ask are still served, on connections of their own.
  for (let n = 0; n < 5; n++) expect(await insert(fresh)).toBe(201)
  await expect.poll(() => people.map(({ heard }) => heard())).toEqual([6, 6])

  // Connections that ask once and stay, until there are none left for those either.
  const stays = async () => {
    const socket = await tcp()
    const closed = once(socket, 'close').then(
      () => null,
      () => null,
    )
    socket.write('GET /api/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n')
    // Closed or reset: it was one too many.
    const answered = once(socket, 'data').catch(() => null)
    return (await Promise.race([answered, closed])) && socket
  }
  for (;;) {
    const socket = await stays()
    if (!socket) break
    taken.push(socket)
    expect(taken.length).toBeLessThan(FILES)
  }
  expect(await openFiles()).toBeLessThan(FILES)
  // Nobody else comes in; who is in goes on, by socket and by the connection they have.
  await expect(insert(fresh)).rejects.toThrow()
  for (let n = 0; n < 5; n++) expect(await insert(kept)).toBe(201)
  await expect.poll(() => people.map(({ heard }) => heard())).toEqual([11, 11])

  for (const each of taken) each.destroy()
  await expect.poll(openFiles, { timeout: 60_000 }).toBeLessThanOrEqual(before + 10)
  people.push(await chatting())
  expect(await insert(fresh)).toBe(201)
  await expect.poll(() => people.map(({ heard }) => heard())).toEqual([12, 12, 1])
  expect(backend.output()).not.toMatch(/EMFILE|nobody noticed|unexpected error/)
  for (const agent of [kept, fresh]) agent.destroy()
})
