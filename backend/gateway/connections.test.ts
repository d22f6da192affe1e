import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { limitConnections } from './connections'

const opened: { destroy(): void }[] = []
afterEach(() => {
  for (const each of opened.splice(0)) each.destroy()
})

async function serve(options: Partial<Parameters<typeof limitConnections>[1]>) {
  const server = createServer((_request, response) => response.end('here'))
  limitConnections(server, { connections: 100, silentPerAddress: 2, trustedProxies: 0, ...options })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  opened.push({ destroy: () => server.closeAllConnections() }, { destroy: () => server.close() })
  const { port } = server.address() as AddressInfo
  return async () => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    opened.push(socket)
    await once(socket, 'connect')
    return socket
  }
}

const ended = async (socket: Socket) => {
  socket.resume()
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
  return true
}
const ask = async (socket: Socket) => {
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const [answer] = await once(socket, 'data')
  return String(answer)
}

test('B18: of one address only so many say nothing; those that have asked, or are gone, do not count', async () => {
  const open = await serve({})
  const [first, second] = [await open(), await open()]
  expect(await ended(await open())).toBe(true)
  expect(await ask(first)).toContain('200 OK')
  const third = await open()
  expect(await ended(await open())).toBe(true)
  second.destroy()
  // The server may hear of that a little later.
  await expect
    .poll(async () => {
      const again = await open()
      return Promise.race([ask(again), ended(again)]).catch(() => null)
    })
    .toContain('200 OK')
  expect(await ask(third)).toContain('200 OK')
})

test('behind a proxy all come from one address: heads are its business', async () => {
  const open = await serve({ trustedProxies: 1 })
  const sockets = await Promise.all([open(), open(), open(), open()])
  for (const socket of sockets) expect(await ask(socket)).toContain('200 OK')
})

test('G05: beyond all that may stand a new one is closed, and those that stand are served', async () => {
  const open = await serve({ connections: 12, silentPerAddress: 100 })
  const sockets = []
  for (let i = 0; i < 12; i++) {
    const socket = await open()
    expect(await ask(socket)).toContain('200 OK')
    sockets.push(socket)
  }
  expect(await ended(await open())).toBe(true)
  expect(await ask(sockets[0] as Socket)).toContain('200 OK')
  sockets[1]?.destroy()
  await expect
    .poll(async () => {
      const again = await open()
      return Promise.race([ask(again), ended(again)]).catch(() => null)
    })
    .toContain('200 OK')
})
