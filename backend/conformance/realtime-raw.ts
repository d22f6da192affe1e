import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net'
import { afterEach } from 'vitest'
import WebSocket from 'ws'

type Headers = Record<string, string>

/** Sockets that speak frames by hand, closed after each test. `messages`: what arrived, as JSON. */
export function rawSockets(world: { server: { url: string; publishableKey: string } }) {
  const opened: { destroy(): void }[] = []
  afterEach(() => {
    for (const socket of opened.splice(0)) socket.destroy()
  })
  const path = (query?: string) =>
    `/realtime/v1/websocket?${query ?? `apikey=${world.server.publishableKey}&vsn=2.0.0`}`

  function connect(query?: string, headers: Headers = {}): WebSocket {
    const socket = new WebSocket(world.server.url.replace('http', 'ws') + path(query), { headers })
    socket.on('error', () => {})
    opened.push({ destroy: () => socket.terminate() })
    return socket
  }

  async function open(query?: string, headers: Headers = {}) {
    const socket = connect(query, headers)
    // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever arrived.
    const messages: any[] = []
    socket.on('message', (data, binary) => messages.push(binary ? data : JSON.parse(String(data))))
    const closed = new Promise<number>((resolve) => socket.on('close', resolve))
    await once(socket, 'open')
    return { socket, messages, closed, say: (message: unknown) => socket.send(JSON.stringify(message)) }
  }

  /** The status and body that refuse a handshake. */
  async function refusal(query?: string, headers: Headers = {}): Promise<[number, string]> {
    const socket = connect(query, headers)
    const [, response] = await once(socket, 'unexpected-response')
    let text = ''
    for await (const part of response) text += part
    return [response.statusCode, JSON.parse(text).error]
  }

  /** A bare TCP connection to the server. */
  async function tcp(): Promise<Socket> {
    const { hostname, port } = new URL(world.server.url)
    const socket = createConnection(Number(port), hostname)
    socket.on('error', () => {})
    opened.push(socket)
    await once(socket, 'connect')
    return socket
  }

  /** A WebSocket whose bytes are written and read by hand; `bytes` counts what arrived after the handshake. */
  async function upgraded(query?: string, headers: Headers = {}) {
    const socket = await tcp()
    const lines = {
      ...{ Host: 'localhost', Upgrade: 'websocket', Connection: 'Upgrade' },
      ...{ 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', ...headers },
    }
    const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(`GET ${path(query)} HTTP/1.1\r\n${head.join('')}\r\n`)
    let answer = Buffer.alloc(0)
    while (!answer.includes('\r\n\r\n')) answer = Buffer.concat([answer, (await once(socket, 'data'))[0]])
    return { socket, answer: answer.toString('latin1') }
  }

  return { open, refusal, tcp, upgraded, keep: (each: { destroy(): void }) => void opened.push(each) }
}

/** A line to a server that can stop carrying bytes: neither side hears of the other any more, and neither is told. */
export async function startLine(url: string) {
  const { hostname, port } = new URL(url)
  const links: { client: Socket; upstream: Socket }[] = []
  let silent = false
  // Half open is allowed: on a dead line nothing answers a goodbye.
  const line = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = createConnection({ port: Number(port), host: hostname, allowHalfOpen: true })
    links.push({ client, upstream })
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('data', (data) => silent || to.write(data))
      from.on('end', () => silent || to.end())
      from.on('error', () => {})
    }
    upstream.on('close', () => silent || client.destroy())
    client.on('close', () => silent || upstream.destroy())
  })
  await once(line.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(line.address() as AddressInfo).port}`,
    swallow() {
      silent = true
    },
    destroy() {
      for (const { client, upstream } of links) {
        client.destroy()
        upstream.destroy()
      }
      line.close()
    },
  }
}

/** A client's frame: masked, with a key of zeros. */
export function maskedFrame(opcode: number, payload: Buffer | string, final = true): Buffer {
  const body = Buffer.from(payload)
  const first = (final ? 0x80 : 0) | opcode
  const zeros = Buffer.alloc(4)
  if (body.length < 126) return Buffer.concat([Buffer.from([first, 0x80 | body.length]), zeros, body])
  const header = Buffer.alloc(4)
  header[0] = first
  header[1] = 0x80 | 126
  header.writeUInt16BE(body.length, 2)
  return Buffer.concat([header, zeros, body])
}

/** Everything that the server still sends, until it ends the connection. */
export async function rest(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
  return Buffer.concat(chunks)
}

/** The code of the close frame that the server says goodbye with; null: it cut the connection off. */
export async function closeCode(socket: Socket): Promise<number | null> {
  const bytes = await rest(socket)
  const at = bytes.lastIndexOf(0x88)
  return at >= 0 && bytes.length >= at + 4 ? bytes.readUInt16BE(at + 2) : null
}

/** The message that joins a topic. */
export const joinFrame = (topic: string, ref = '1', config: object = {}, more: object = {}) => [
  ref,
  ref,
  topic,
  'phx_join',
  { config, ...more },
]
