import { once } from 'node:events'
import { expect, test } from 'vitest'
import type WebSocket from 'ws'
import { realtimeWorld } from './realtime-client'
import { joinFrame, rawSockets } from './realtime-raw'

const world = realtimeWorld({
  maxBufferedBytes: 200_000,
  maxJoinsPerSecond: 50,
  maxChannelsPerSocket: 20,
  closeMs: 300,
  idleMs: 4_000,
  maxSockets: 40,
  allowedOrigins: ['https://chat.example.com'],
})
const { open, refusal, tcp } = rawSockets(world)

test('a handshake needs a key, a known version and, where configured, an allowed origin', async () => {
  const key = `apikey=${world.server.publishableKey}`
  expect(await refusal('vsn=2.0.0')).toEqual([401, 'API key is missing'])
  expect(await refusal('apikey=sb_publishable_wrong&vsn=2.0.0')).toEqual([401, 'Invalid API key'])
  expect(await refusal(`${key}&vsn=3.0.0`)).toEqual([400, 'Unsupported protocol version'])
  for (const origin of [
    'https://evil.example',
    'null',
    'https://chat.example.com.evil.com',
    'http://chat.example.com',
  ]) {
    expect(await refusal(key, { origin })).toEqual([403, 'This origin may not connect'])
  }
  await open(key, { origin: 'https://chat.example.com' })
  await open('vsn=1.0.0', { 'x-api-key': world.server.publishableKey })
})

test('heartbeat, join, leave and joining again answer as Phoenix does', async () => {
  const { messages, say } = await open()
  say([null, '1', 'phoenix', 'heartbeat', {}])
  say(joinFrame('realtime:a', '2'))
  say(joinFrame('realtime:a', '3', { postgres_changes: [null] }))
  say(['3', '4', 'realtime:a', 'phx_leave', {}])
  say([null, '5', 'realtime:a', 'anything', {}])
  say(joinFrame('other:a', '6'))
  say(joinFrame('realtime:', '7'))
  await expect.poll(() => messages).toHaveLength(7)
  const ok = (ref: string, topic: string, response = {}, joinRef: string | null = ref) => [
    joinRef,
    ref,
    topic,
    'phx_reply',
    { status: 'ok', response },
  ]
  const no = (ref: string, topic: string, reason: string, joinRef: string | null = ref) => [
    joinRef,
    ref,
    topic,
    'phx_reply',
    { status: 'error', response: { reason } },
  ]
  expect(messages[0]).toEqual(ok('1', 'phoenix', {}, null))
  expect(messages).toEqual(
    expect.arrayContaining([
      ['2', '2', 'realtime:a', 'phx_close', {}],
      ['3', '3', 'realtime:a', 'phx_close', {}],
      ok('4', 'realtime:a', {}, '3'),
      no('5', 'realtime:a', 'unmatched topic', null),
      no('6', 'other:a', 'unmatched topic'),
      no('7', 'realtime:', 'TopicNameRequired: You must provide a topic name'),
    ]),
  )
})

test.each([
  ['text that is not JSON', 1007, (socket: WebSocket) => socket.send('{')],
  ['JSON that is not a message', 1007, (socket: WebSocket) => socket.send('[1,2]')],
  ['topics that are not strings', 1007, (socket: WebSocket) => socket.send('[null,"1",{},"phx_join",{}]')],
  ['an unknown binary kind', 1003, (socket: WebSocket) => socket.send(Buffer.from([9, 1, 2]))],
  ['a binary header that is cut off', 1007, (socket: WebSocket) => socket.send(Buffer.from([3, 200, 200]))],
  [
    'binary JSON that is not JSON',
    1007,
    (socket: WebSocket) => socket.send(Buffer.from([3, 0, 0, 1, 1, 0, 1, 97, 98, 123])),
  ],
  ['a frame over the limit', 1009, (socket: WebSocket) => socket.send('x'.repeat(5_000_001))],
  [
    'text that is not UTF-8',
    1007,
    (socket: WebSocket) => rawFrame(socket, [0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]),
  ],
  ['reserved bits', 1002, (socket: WebSocket) => rawFrame(socket, [0xf1, 0x80, 0, 0, 0, 0])],
  ['a frame without mask', 1002, (socket: WebSocket) => rawFrame(socket, [0x81, 0x01, 0x61])],
  [
    'a length of 2 GB',
    1009,
    (socket: WebSocket) => rawFrame(socket, [0x82, 0xff, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0]),
  ],
])('%s closes the socket with %i', async (_, code, send) => {
  const { socket, closed } = await open()
  send(socket)
  expect(await closed).toBe(code)
})

test('a bomb of tiny fragments is closed', async () => {
  const { socket, closed } = await open()
  rawFrame(socket, [0x01, 0x81, 0, 0, 0, 0, 0x61])
  const fragment = Buffer.from([0x00, 0x81, 0, 0, 0, 0, 0x61])
  rawFrame(socket, Buffer.concat(Array.from({ length: 20_000 }, () => fragment)))
  expect([1002, 1006, 1008, 1009]).toContain(await closed)
})

test('too many channels are refused, a storm of joins ends the socket', async () => {
  const { messages, say, closed } = await open()
  for (let i = 0; i < 25; i++) say(joinFrame(`realtime:${i}`, String(i)))
  await expect.poll(() => messages).toHaveLength(25)
  const refused = messages.filter((message) => JSON.stringify(message).includes('ChannelRateLimitReached'))
  expect(refused).toHaveLength(5)
  for (let i = 0; i < 100; i++) say(joinFrame('realtime:0', `again ${i}`))
  expect(await closed).toBe(1008)
})

test('a reader that is too slow is closed with 1013, and nobody else notices', async () => {
  const [slow, quick] = [await open(), await open()]
  for (const { say } of [slow, quick]) say(joinFrame('realtime:busy'))
  await expect.poll(() => slow.messages.length + quick.messages.length).toBe(2)
  slow.socket.pause()
  const { secretKey, url } = world.server
  const payload = JSON.stringify('x'.repeat(100_000))
  const rounds = 100
  const broadcasts = (messages: unknown[]) =>
    messages.filter((message) => (message as string[])[3] === 'broadcast')
  for (let i = 0; i < rounds; i++) {
    for (const { say } of [slow, quick]) say([null, null, 'phoenix', 'heartbeat', {}])
    await fetch(`${url}/realtime/v1/api/broadcast/busy/events/e`, {
      method: 'POST',
      body: payload,
      headers: { apikey: secretKey, 'content-type': 'application/json' },
    })
  }
  await expect.poll(() => broadcasts(quick.messages)).toHaveLength(rounds)
  slow.socket.resume()
  // What was on the way still arrives; then the close, or the end of a connection that was cut off.
  expect([1013, 1006]).toContain(await slow.closed)
  expect(broadcasts(slow.messages).length).toBeLessThan(rounds)
})

test('a socket that says nothing is closed', async () => {
  const { closed } = await open()
  expect(await closed).toBe(1000)
})

test('there is a most of open sockets', async () => {
  await Promise.all(Array.from({ length: 40 }, () => open().catch(() => null)))
  expect(await refusal()).toEqual([429, 'Too many connected users'])
})

test('a path that is not the socket’s is not upgraded', async () => {
  const socket = await tcp()
  socket.write(
    'GET /realtime/v1/other HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  const [data] = await once(socket, 'data')
  expect(String(data)).toMatch(/^HTTP\/1\.1 404/)
})

function rawFrame(socket: WebSocket, bytes: number[] | Buffer): void {
  const { _socket } = socket as unknown as { _socket: import('node:net').Socket }
  _socket.write(Buffer.from(bytes))
}
