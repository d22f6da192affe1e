import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createGateway, type Gateway } from './gateway'
import { parseSettings } from './settings'

let logged: string
let gateway: Gateway

beforeEach(async () => {
  logged = ''
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged += chunk
      done()
    },
  })
  gateway = createGateway({
    settings: parseSettings({ NODE_ENV: 'test', HOST: '127.0.0.1' }, { port: 0, root: '/srv' }),
    log: pino({ level: 'debug' }, sink),
    publicKey: () => undefined,
    health: async () => ({ ready: false, parts: { database: 'starting' } }),
    metrics: async () => '',
  })
  await gateway.listen()
})
afterEach(() => gateway.close(0))

const ask = (path: string, init?: RequestInit) => fetch(gateway.url() + path, init)

test('while everything starts, each path says so in its own language', async () => {
  const api = await ask('/rest/v1/messages')
  expect([api.status, api.headers.get('retry-after'), await api.json()]).toMatchObject([
    503,
    '1',
    { code: 'starting' },
  ])
  const page = await ask('/w/acme', { headers: { accept: 'text/html' } })
  expect([page.status, page.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8'])
  expect((await ask('/api/config')).status).toBe(503)
  const health = await ask('/api/health')
  expect([health.status, await health.json()]).toEqual([
    503,
    { status: 'unavailable', parts: { database: 'starting' } },
  ])
  expect((await ask('/api/health/live')).status).toBe(200)
})

test('a request is logged by id and path, and never with a key, a token or a body', async () => {
  const response = await ask('/rest/v1/messages?apikey=in-the-query', {
    method: 'POST',
    headers: {
      apikey: 'in-a-header',
      authorization: 'Bearer in-a-token',
      'content-type': 'application/json',
    },
    body: '{"body":"in-the-body"}',
  })
  await response.text()
  const id = response.headers.get('x-request-id')
  await expect.poll(() => logged).toContain(id)
  expect(JSON.parse(logged)).toMatchObject({ id, method: 'POST', path: '/rest/v1/messages', status: 503 })
  expect(logged).not.toMatch(/in-the|in-a/)
})

test("a caller's request id is kept when it is harmless", async () => {
  const send = async (id: string) =>
    (await ask('/', { headers: { 'x-request-id': id } })).headers.get('x-request-id')
  expect(await send('trace-0123456789')).toBe('trace-0123456789')
  expect(await send('a"} injected {')).toMatch(/^[\w-]{36}$/)
})

test('headers over the limit are refused', async () => {
  const huge = await ask('/', { headers: { 'x-big': 'x'.repeat(40_000) } }).catch((error: Error) => error)
  expect(huge instanceof Error || huge.status === 431).toBe(true)
})

test('B18: who asks for an upgrade behind an answer that it does not read is cut off', async () => {
  const nothing = async () => {}
  const handle = async (_request: unknown, response: ServerResponse) => {
    // More than the system takes for a reader that has stopped.
    response.end(Buffer.alloc(50_000_000))
  }
  gateway.routes.services = [{ name: 'rest', handle, start: nothing, stop: nothing }]
  const client = connect(Number(new URL(gateway.url()).port), '127.0.0.1')
  client.on('error', () => {})
  try {
    client.write('GET /rest/v1/ HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(client, 'data')
    client.pause()
    client.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    // Whoever reads nothing hears of the end when what it writes is refused.
    await expect
      .poll(() => {
        client.write('x')
        return client.destroyed
      })
      .toBe(true)
  } finally {
    client.destroy()
  }
})
