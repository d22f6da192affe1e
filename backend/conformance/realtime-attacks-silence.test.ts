import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import WebSocket from 'ws'
import { realtimeWorld } from './realtime-client'
import { joinFrame, maskedFrame, rawSockets, rest, startLine } from './realtime-raw'

const world = realtimeWorld({
  maxFramesPerSecond: 1_000_000,
  maxFrameBytesPerSecond: 1_000_000_000,
  maxBufferedBytes: 1_000_000,
  idleMs: 2_000,
  closeMs: 200,
  maxSocketsPerPerson: 5,
})
const { open, upgraded, keep } = rawSockets(world)

test('B18: a line that swallows everything: the socket ends, who was shown is gone, and its place is free', async () => {
  const line = await startLine(world.server.url)
  keep(line)
  const id = randomUUID()
  const access_token = await world.tokenFor(id)
  const watcher = await open()
  const beat = setInterval(() => watcher.say([null, null, 'phoenix', 'heartbeat', {}]), 500)
  keep({ destroy: () => clearInterval(beat) })
  watcher.say(joinFrame('realtime:line', '1', { presence: { key: 'watcher', enabled: true } }))
  const through = new WebSocket(
    `${line.url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${world.server.publishableKey}&vsn=2.0.0`,
  )
  keep({ destroy: () => through.terminate() })
  through.on('error', () => {})
  await new Promise((resolve) => through.once('open', resolve))
  through.send(
    JSON.stringify(joinFrame('realtime:line', '1', { presence: { key: 'gone' } }, { access_token })),
  )
  through.send(JSON.stringify(['1', '2', 'realtime:line', 'presence', { event: 'track', payload: {} }]))
  const told = (kind: 'joins' | 'leaves') =>
    watcher.messages.flatMap((each) => Object.keys(each[4]?.[kind] ?? {})).includes('gone')
  await expect.poll(() => told('joins')).toBe(true)
  line.swallow()
  await expect.poll(() => told('leaves')).toBe(true)
  // Its place is taken until the connection itself is given up: nobody will ever answer the goodbye.
  for (let n = 0; n < 5; n++) {
    await expect
      .poll(async () => {
        const { say, messages } = await open()
        say(joinFrame('realtime:line', '1', {}, { access_token }))
        await expect.poll(() => messages.length).toBeGreaterThan(0)
        return messages[0][4].status
      })
      .toBe('ok')
  }
  expect(through.readyState).toBe(WebSocket.OPEN)
})

test('B18: a reader that has stopped and goes on with pings is ended: answers do not pile up', async () => {
  const { socket } = await upgraded()
  socket.pause()
  const pings = Buffer.concat(Array.from({ length: 1_000 }, () => maskedFrame(9, Buffer.alloc(125))))
  // What the system buffers on both sides is a part of it: without an end all of them would be taken.
  let taken = 0
  while (taken < 500 && !(await new Promise((resolve) => socket.write(pings, resolve)))) taken++
  await rest(socket)
  expect(taken).toBeLessThan(500)
}, 60_000)
