import { createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { RawSocket } from './raw-socket'

const servers: { close(): unknown }[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

test('takes frames of every length from a real server, and is understood by it', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  servers.push(server)
  await new Promise((resolve) => server.once('listening', resolve))
  const heard: string[] = []
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      heard.push(String(data))
      for (const length of [0, 5, 125, 126, 70_000]) socket.send('x'.repeat(length))
    })
  })
  const { port } = server.address() as { port: number }
  const raw = await RawSocket.connect(`ws://127.0.0.1:${port}/a?b=c`)
  const lengths: number[] = []
  raw.onText = (_bytes, start, end) => void lengths.push(end - start)
  raw.send('short')
  raw.send('long'.repeat(100))
  await expect.poll(() => lengths).toEqual([0, 5, 125, 126, 70_000, 0, 5, 125, 126, 70_000])
  expect(heard).toEqual(['short', 'long'.repeat(100)])
  raw.destroy()
})

test('puts together what arrives byte by byte', async () => {
  const server = createServer(async (socket: Socket) => {
    socket.setNoDelay(true)
    const bytes = Buffer.concat([
      Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n'),
      Buffer.from([0x81, 3]),
      Buffer.from('one'),
      Buffer.from([0x81, 126, 0, 130]),
      Buffer.from('t'.repeat(130)),
    ])
    for (const byte of bytes) {
      socket.write(Buffer.from([byte]))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }).listen(0, '127.0.0.1')
  servers.push(server)
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  const raw = await RawSocket.connect(`ws://127.0.0.1:${port}/`)
  const texts: string[] = []
  raw.onText = (bytes, start, end) => void texts.push(bytes.toString('utf8', start, end))
  await expect.poll(() => texts).toEqual(['one', 't'.repeat(130)])
  raw.destroy()
})

test('a refused handshake is an error', async () => {
  const server = createServer((socket) => socket.end('HTTP/1.1 429 Too Many Requests\r\n\r\n'))
  servers.push(server.listen(0, '127.0.0.1'))
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await expect(RawSocket.connect(`ws://127.0.0.1:${port}/`)).rejects.toThrow('429')
})
