import { once } from 'node:events'
import { request } from 'node:https'
import { expect } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'

export type Trusting = { fetch: typeof fetch; socket: typeof WebSocket }

/** Node's own fetch and `ws`, with one more authority than the system's: that of a test. */
export async function trust(ca: string): Promise<Trusting> {
  // Node makes the dispatcher of its fetch at the first request and tells nobody its class.
  await fetch('data:,')
  const known = globalThis as unknown as Record<symbol, { constructor: new (options: object) => object }>
  const Agent = known[Symbol.for('undici.globalDispatcher.1')]?.constructor
  if (!Agent) throw new Error('this Node shows no dispatcher')
  const dispatcher = new Agent({ connect: { ca } })
  class TrustingSocket extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[], options: ClientOptions = {}) {
      super(address, protocols, { ...options, ca })
    }
  }
  const trustingFetch: typeof fetch = (input, init) => fetch(input, { ...init, dispatcher } as RequestInit)
  return { fetch: trustingFetch, socket: TrustingSocket as typeof WebSocket }
}

/** Names and values of an answer as they came over the line, none put together. */
export async function rawHeaders({ url, ca }: { url: string; ca: string }, path: string): Promise<string[]> {
  const asked = request(`${url}${path}`, { ca })
  asked.end()
  const [response] = await once(asked, 'response')
  response.resume()
  return response.rawHeaders
}

/** WebSockets that have joined one public topic, a hundred at a time. */
export async function openSockets(
  { socket: Socket }: Trusting,
  url: string,
  key: string,
  count: number,
): Promise<WebSocket[]> {
  const address = `${url.replace('https', 'wss')}/realtime/v1/websocket?apikey=${key}&vsn=2.0.0`
  const config = { broadcast: { self: false, ack: false }, presence: { key: '' }, private: false }
  const sockets: WebSocket[] = []
  for (let from = 0; from < count; from += 100) {
    const opened = Array.from({ length: Math.min(100, count - from) }, async () => {
      const socket = new Socket(address)
      await once(socket, 'open')
      const joined = once(socket, 'message')
      socket.send(JSON.stringify(['1', '1', 'realtime:square', 'phx_join', { config }]))
      expect(String((await joined)[0])).toContain('"status":"ok"')
      return socket
    })
    sockets.push(...(await Promise.all(opened)))
  }
  return sockets
}
