import { once } from 'node:events'
import { type Socket as Connection, createConnection } from 'node:net'
import { describe, expect, test } from 'vitest'
import { realtimeWorld } from './realtime-client'
import { closeCode, joinFrame, maskedFrame, rawSockets } from './realtime-raw'

const world = realtimeWorld({
  idleMs: 3_000,
  closeMs: 500,
  maxBufferedBytes: 1_000_000,
  maxFramesPerSecond: 2_000,
})
const { open, tcp, upgraded } = rawSockets(world)

describe('B16: frames that no client sends', () => {
  test.each([
    ['invalid UTF-8', 1007, maskedFrame(1, Buffer.from([0xc3, 0x28]))],
    ['invalid UTF-8 in a close reason', 1007, maskedFrame(8, Buffer.from([3, 0xe8, 0xff]))],
    ['reserved bit 1, as if compressed', 1002, maskedFrame(0x41, '{}')],
    ['reserved bit 2', 1002, maskedFrame(0x21, '{}')],
    ['reserved bit 3', 1002, maskedFrame(0x11, '{}')],
    ['an unknown opcode', 1002, maskedFrame(3, '')],
    ['a continuation of nothing', 1002, maskedFrame(0, 'x')],
    ['a message within a message', 1002, Buffer.concat([maskedFrame(1, '[', false), maskedFrame(1, ']')])],
    ['a fragmented ping', 1002, maskedFrame(9, '', false)],
    ['a ping of 126 bytes', 1002, maskedFrame(9, Buffer.alloc(126))],
    ['a frame without mask', 1002, Buffer.from([0x81, 1, 0x61])],
    ['a length of 2 GB', 1009, Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0])],
    ['a length beyond 2^53', 1009, Buffer.from([0x82, 0xff, 0x7f, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ['a close code that may not be sent', 1002, maskedFrame(8, Buffer.from([0x03, 0xee]))],
  ])('%s is answered with %i', async (_, code, frame) => {
    const { socket } = await upgraded()
    socket.write(frame)
    expect(await closeCode(socket)).toBe(code)
  })

  test('compression is not agreed to, whatever is offered', async () => {
    const offer = 'permessage-deflate; client_max_window_bits; server_no_context_takeover'
    const { answer } = await upgraded(undefined, { 'Sec-WebSocket-Extensions': offer })
    expect(answer).toMatch(/^HTTP\/1.1 101/)
    expect(answer.toLowerCase()).not.toContain('sec-websocket-extensions')
  })

  test('large frames that are begun and not ended are bounded by the size of a frame', async () => {
    const { socket } = await upgraded()
    const head = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0x4c, 0x4b, 0x41, 0, 0, 0, 0])
    socket.write(head)
    expect(await closeCode(socket)).toBe(1009)
  })
})

describe('B18: connections that nobody is behind', () => {
  test('a head that never ends is cut off after ten seconds, and so is a connection that says nothing', async () => {
    const began = Date.now()
    const slow = await tcp()
    slow.write('GET /realtime/v1/websocket HTTP/1.1\r\nHost: localhost\r\n')
    const drip = setInterval(() => slow.write('x'), 1_000)
    const silent = await tcp()
    const ended = async (socket: Connection) => {
      socket.resume()
      await once(socket, 'close')
      return Date.now() - began
    }
    const after = await Promise.all([ended(slow), ended(silent)])
    clearInterval(drip)
    for (const milliseconds of after) {
      expect(milliseconds).toBeGreaterThan(8_000)
      expect(milliseconds).toBeLessThan(15_000)
    }
  }, 30_000)

  test.each([
    ['a wrong key', '/realtime/v1/websocket?apikey=wrong&vsn=2.0.0'],
    ['a path that is not there', '/auth/v1/nothing'],
  ])('a handshake refused for %s holds no connection of a client that does not hang up', async (_, path) => {
    const { hostname, port } = new URL(world.server.url)
    const socket = createConnection({ host: hostname, port: Number(port), allowHalfOpen: true })
    const gone = new Promise((resolve) => socket.on('error', resolve).on('close', resolve))
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    let answer = ''
    socket.on('data', (data) => {
      answer += data
    })
    await once(socket, 'end')
    expect(answer).toMatch(/^HTTP\/1.1 40[14]/)
    const pretend = setInterval(() => socket.write('x'), 50)
    await gone
    clearInterval(pretend)
  })

  test('a half-open socket is noticed: it is told, and cut off when it does not answer', async () => {
    const { socket } = await upgraded()
    const { say, messages } = await open()
    const beat = setInterval(() => say([null, '1', 'phoenix', 'heartbeat', {}]), 500)
    // It does not answer the goodbye either, and is cut off.
    expect(await closeCode(socket)).toBe(1000)
    clearInterval(beat)
    // Whoever speaks stays.
    expect(messages.length).toBeGreaterThan(3)
    say([null, '2', 'phoenix', 'heartbeat', {}])
    await expect.poll(() => messages.some((each) => each[1] === '2')).toBe(true)
  }, 15_000)

  test('pings are answered, and keep a socket open that says nothing else', async () => {
    const { socket, closed } = await open()
    let pongs = 0
    socket.on('pong', () => pongs++)
    const beat = setInterval(() => socket.ping(), 500)
    await expect.poll(() => pongs, { timeout: 8_000 }).toBeGreaterThan(10)
    clearInterval(beat)
    expect(socket.readyState).toBe(socket.OPEN)
    expect(await closed).toBe(1000)
  }, 20_000)
})

test('B19: the slow reader learns why: 1013', async () => {
  const slow = await open()
  slow.say(joinFrame('realtime:slow'))
  await expect.poll(() => slow.messages.length).toBe(1)
  // A burst that the connection cannot take at once, to a reader that goes on reading.
  await world.sql`select realtime.send(jsonb_build_object('text', repeat('x', 200000)), 'e', 'slow', false)
    from generate_series(1, 60)`
  expect(await slow.closed).toBe(1013)
})
