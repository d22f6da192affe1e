import cluster from 'node:cluster'
import { type WebSocket, WebSocketServer } from 'ws'

/** `[`: heartbeats are arrays, what is relayed is an object. */
const HEARTBEAT = 0x5b

/**
 * The physical line for delivery: a relay that knows nothing. What is sent on a socket opened with `/tell/GROUP` is framed
 * once and the same bytes are written to every socket opened with `/hear/GROUP/…`. No server that also stores, checks and
 * decodes can be faster. A heartbeat is answered to its sender.
 */
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false, backlog: 1024 })

const groups = new Map<string, Set<WebSocket>>()

server.on('connection', (socket, request) => {
  const [, verb, ...names] = (request.url ?? '').split('/')
  if (verb === 'hear') {
    for (const name of names) groups.set(name, (groups.get(name) ?? new Set()).add(socket))
    socket.on('close', () => {
      for (const name of names) groups.get(name)?.delete(socket)
    })
  }
  socket.on('message', (data, isBinary) => {
    const payload = data as Buffer
    const group = names[0] ?? ''
    if (payload[0] === HEARTBEAT) tell([socket], payload, isBinary)
    else {
      tell(groups.get(group) ?? [], payload, isBinary)
      // One of several processes: the others have sockets of the group as well.
      if (cluster.isWorker) process.send?.({ told: { group, payload, isBinary } })
    }
  })
})

function tell(receivers: Iterable<WebSocket>, payload: Uint8Array, isBinary: boolean) {
  const bytes = Buffer.concat([frameHeader(payload.length, isBinary), payload])
  for (const client of receivers) rawSocket(client).write(bytes)
}

server.on('listening', () => {
  const address = server.address()
  if (typeof address === 'object') process.send?.({ port: address?.port })
})

/** What was said to another process of the same relay. */
export type Told = { told: { group: string; payload: Uint8Array; isBinary: boolean } }

process.on('message', (message: 'memory' | Told) => {
  if (message === 'memory') process.send?.({ rss: process.memoryUsage.rss() })
  else tell(groups.get(message.told.group) ?? [], message.told.payload, message.told.isBinary)
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

process.on('disconnect', () => process.exit())
