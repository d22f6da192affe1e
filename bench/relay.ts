import { WebSocketServer } from 'ws'

/**
 * The physical line for delivery: a relay that knows nothing. What one client sends is framed once and the same
 * bytes are written to every socket. No server that also stores, checks and decodes can be faster.
 */
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })

server.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => {
    const payload = data as Buffer
    const bytes = Buffer.concat([frameHeader(payload.length, isBinary), payload])
    for (const client of server.clients) rawSocket(client).write(bytes)
  })
})

server.on('listening', () => {
  const address = server.address()
  if (typeof address === 'object') process.send?.({ port: address?.port })
})

process.on('message', (message) => {
  if (message === 'memory') process.send?.({ rss: process.memoryUsage.rss() })
})

function rawSocket(client: unknown) {
  return (client as { _socket: import('node:net').Socket })._socket
}

function frameHeader(length: number, isBinary: boolean): Buffer {
  const first = isBinary ? 0x82 : 0x81
  if (length < 126) return Buffer.from([first, length])
  const header = Buffer.alloc(4)
  header[0] = first
  header[1] = 126
  header.writeUInt16BE(length, 2)
  return header
}
