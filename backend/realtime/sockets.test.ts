import { once } from 'node:events'
import { IncomingMessage } from 'node:http'
import { Socket as Connection } from 'node:net'
import { PassThrough } from 'node:stream'
import pino from 'pino'
import { expect, test } from 'vitest'
import type { Hub } from './hub'
import { defaultLimits } from './limits'
import { Sockets } from './sockets'

function handshake() {
  const request = Object.assign(new IncomingMessage(new Connection()), {
    method: 'GET',
    url: '/realtime/v1/websocket?apikey=sb_publishable_a&vsn=2.0.0',
    headers: {
      upgrade: 'websocket',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-version': '13',
    },
  })
  return { request, raw: new PassThrough() }
}

const hub = {
  limits: defaultLimits,
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
