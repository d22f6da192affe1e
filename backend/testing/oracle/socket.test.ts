import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { OracleSocket } from './socket'

test('fences of several writers are heard in whichever order they come', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = new OracleSocket(`http://127.0.0.1:${port}`, 'key', '2.0.0')
  const [[line]] = await Promise.all([once(server, 'connection'), socket.open()])
  const heard = Promise.all([socket.reaches(2), socket.reaches(3)])
  // In one piece, so that both are read before anybody goes on.
  line._socket.cork()
  for (const fence of [3, 2]) line.send(JSON.stringify([null, null, 'realtime:fence', 'e', { fence }]))
  line._socket.uncork()
  await heard
  expect(socket.closed).toBe(false)
  socket.close()
  await socket.gone
  server.close()
})
