import { createServer, type Server, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { limitBody } from './limit-body'

let server: Server
let port: number

beforeAll(async () => {
  const app = new Hono()
  app.use(limitBody(1000, () => new Response('refused', { status: 413 })))
  // Twice, as a service does that takes less than the gateway.
  app.use(limitBody(100, () => new Response('refused by the service', { status: 413 })))
  app.all('/', async (c) => c.text(`${c.req.method} ${await c.req.text()}`))
  server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

afterAll(() => new Promise((resolve) => server.close(resolve)))

/** Without `content-length` in the headers Node sends the body in chunks, and none when there is none. */
function ask(method: string, body?: string, headers: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = send({ host: '127.0.0.1', port, method, headers, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk) => (text += chunk))
      answer.on('end', () => resolve(`${answer.statusCode} ${text}`))
    })
    outgoing.on('error', reject)
    if (body !== undefined) outgoing.write(body)
    outgoing.end()
  })
}

test('a body within the limit arrives, with a length and in chunks', async () => {
  expect(await ask('POST', 'hello', { 'content-length': '5' })).toBe('200 POST hello')
  expect(await ask('POST', 'hello')).toBe('200 POST hello')
  expect(await ask('PATCH', 'x'.repeat(100))).toBe(`200 PATCH ${'x'.repeat(100)}`)
})

test('a request without a body passes, whatever its method', async () => {
  for (const method of ['GET', 'DELETE', 'POST', 'PUT']) expect(await ask(method)).toBe(`200 ${method} `)
})

test('a body beyond the limit is refused, with a length and in chunks', async () => {
  for (const length of [101, 1001]) {
    const refused = length > 1000 ? '413 refused' : '413 refused by the service'
    expect(await ask('POST', 'x'.repeat(length), { 'content-length': String(length) })).toBe(refused)
    expect(await ask('POST', 'x'.repeat(length))).toBe(refused)
  }
})
