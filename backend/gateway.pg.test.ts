import { connect } from 'node:net'
import { Hono } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ApiError } from './errors'
import type { ServiceFactory } from './services'
import { startTestServer, type TestServer } from './testing/server'

const rest: ServiceFactory = ({ database }) => ({
  name: 'rest',
  app: new Hono()
    .post('/rest/v1/echo', async (context) => context.text(await context.req.text()))
    .get('/rest/v1/refused', () => {
      throw new ApiError(418, 'teapot', 'Short and stout.')
    })
    .get('/rest/v1/broken', () => {
      throw new Error('the secret reason')
    })
    .get('/rest/v1/one', async (context) => context.json(await database.api`select 1 as one`)),
  start: async () => {},
  stop: async () => {},
})

let server: TestServer

beforeAll(async () => {
  server = await startTestServer({ migrationsDir: null, services: [rest], settings: { bodyLimit: 1024 } })
})
afterAll(() => server?.stop())

async function ask(path: string, init?: RequestInit) {
  const response = await fetch(server.url + path, init)
  const text = await response.text()
  const json = response.headers.get('content-type')?.includes('application/json')
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text }
}

test('a service answers under its prefix, with a request id and open to other origins', async () => {
  const { status, body, headers } = await ask('/rest/v1/one', {
    headers: { origin: 'https://elsewhere.example' },
  })
  expect({ status, body }).toEqual({ status: 200, body: [{ one: 1 }] })
  expect(headers.get('x-request-id')).toMatch(/^[\w-]{8,}$/)
  expect(headers.get('access-control-allow-origin')).toBe('*')
})

test('a preflight is answered for the headers that it asks about', async () => {
  const { status, headers } = await ask('/rest/v1/one', {
    method: 'OPTIONS',
    headers: {
      origin: 'https://elsewhere.example',
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'apikey,x-client-info',
    },
  })
  expect(status).toBe(204)
  expect(headers.get('access-control-allow-headers')).toBe('apikey,x-client-info')
  expect(headers.get('access-control-allow-methods')).toContain('PATCH')
})

test.each([
  ['/rest/v1/unknown', 404, 'not_found'],
  ['/rest/v1', 404, 'not_found'],
  ['/functions/v1/x', 501, 'not_implemented'],
  ['/rest/v1/refused', 418, 'teapot'],
  ['/rest/v1/broken', 500, 'unexpected_failure'],
  ['/nothing/here', 404, 'not_found'],
])('%s is refused in JSON with %i %s', async (path, expected, code) => {
  const { status, body } = await ask(path)
  expect(status).toBe(expected)
  expect(body).toMatchObject({ code, message: expect.stringMatching(/\.$/) })
  expect(JSON.stringify(body)).not.toContain('secret reason')
})

test('what is not served is named', async () => {
  expect((await ask('/storage/v1/bucket')).body.message).toContain('/storage/v1')
})

test('a body over the limit is refused, with and without its length being told', async () => {
  const send = (body: BodyInit, more = {}) => ask('/rest/v1/echo', { method: 'POST', body, ...more })
  expect((await send('x'.repeat(1024))).status).toBe(200)
  const told = await send('x'.repeat(1025))
  expect(told).toMatchObject({ status: 413, body: { code: 'request_too_large' } })
  expect(told.headers.get('access-control-allow-origin')).toBe('*')
  const stream = new Blob(['x'.repeat(4096)]).stream()
  expect(await send(stream, { duplex: 'half' })).toMatchObject({ status: 413 })
})

test('clients learn address and key at run time', async () => {
  const { body } = await ask('/api/config')
  expect(body).toEqual({ supabaseUrl: server.url, supabaseKey: server.publishableKey, mail: false })
  const spoofed = await ask('/api/config', { headers: { 'x-forwarded-host': 'evil.example' } })
  expect(spoofed.body.supabaseUrl).toBe(server.url)
})

test('health tells every part', async () => {
  expect(await ask('/api/health')).toMatchObject({
    status: 200,
    body: { status: 'ok', parts: { database: 'ok', services: 'ok' } },
  })
  expect((await ask('/api/health', { method: 'DELETE' })).status).toBe(405)
})

test('a WebSocket that nobody serves is refused', async () => {
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  socket.write(
    'GET /realtime/v1/websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  )
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk)
  expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1.1 404 /)
})
