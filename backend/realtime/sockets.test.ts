import { once } from 'node:events'
import { createServer, IncomingMessage } from 'node:http'
import { type AddressInfo, Socket as Connection, connect } from 'node:net'
import { type Duplex, PassThrough } from 'node:stream'
import pino from 'pino'
import { expect, test } from 'vitest'
import type { Hub } from './hub'
import { defaultLimits } from './limits'
import { Sockets } from './sockets'

const url = '/realtime/v1/websocket?apikey=sb_publishable_a&vsn=2.0.0'
const headers = {
  upgrade: 'websocket',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-version': '13',
}

function handshake() {
  const request = Object.assign(new IncomingMessage(new Connection()), { method: 'GET', url, headers })
  return { request, raw: new PassThrough() }
}

const hub = {
  limits: { ...defaultLimits, closeMs: 100 },
  socketRates: {},
  log: pino({ level: 'silent' }),
  site: { siteUrl: undefined, trustedProxies: 0 },
  keys: { secrets: { publishableKey: 'sb_publishable_a', secretKey: 'sb_secret_a' }, tokens: {} },
} as unknown as Hub

test('a handshake that is under way when the server says goodbye is refused', async () => {
  const sockets = new Sockets(hub)
  const { request, raw } = handshake()
  const answered = once(raw, 'data')
  sockets.upgrade(request, raw, Buffer.alloc(0))
  await sockets.drain()
  expect(String(await answered)).toMatch(/^HTTP\/1\.1 503 /)
  expect(sockets.size).toBe(0)
})

test('B18: who ends only its half and reads nothing more is cut off, and the goodbye does not wait for it', async () => {
  const sockets = new Sockets(hub)
  const server = createServer().on('upgrade', (...args) => sockets.upgrade(...args))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  try {
    const lines = Object.entries({ host: 'localhost', connection: 'Upgrade', ...headers })
    client.write(`GET ${url} HTTP/1.1\r\n${lines.map((line) => `${line.join(': ')}\r\n`).join('')}\r\n`)
    const [, raw] = (await once(server, 'upgrade')) as [IncomingMessage, Duplex]
    await once(client, 'data')
    client.pause()
    // More than the system takes for a reader that has stopped.
    raw.write(Buffer.alloc(50_000_000))
    client.end()
    await once(raw, 'end')
    expect([sockets.size, raw.writableLength > 0]).toEqual([1, true])
    await sockets.drain()
    expect([sockets.size, raw.destroyed]).toEqual([0, true])
  } finally {
    client.destroy()
    server.close()
  }
})
