import type { AddressInfo } from 'node:net'
import { createServer, connect as dial, type Socket } from 'node:net'

type Link = { client: Socket; upstream: Socket; webSocket: boolean }

/**
 * A TCP relay between a browser and the product that misbehaves on request. Its port stays the same while the
 * product behind it dies and comes back, and it breaks connections in the ways a network does: an abrupt reset, a
 * silence without a close (a laptop that went to sleep, a NAT entry that expired), and plain slowness.
 */
export async function startProxy(target: { port: number; host?: string }) {
  const links = new Set<Link>()
  let refusing = false
  let silent = false
  let delayMs = 0

  const server = createServer((client) => {
    if (refusing) return void client.resetAndDestroy()
    const upstream = dial(target.port, target.host ?? '127.0.0.1')
    const link = { client, upstream, webSocket: false }
    client.once('data', (chunk) => {
      link.webSocket = String(chunk).startsWith('GET /realtime/v1/websocket')
    })
    links.add(link)
    pipe(client, upstream)
    pipe(upstream, client)
    const end = () => {
      links.delete(link)
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end)
  })

  function pipe(from: Socket, to: Socket) {
    from.setNoDelay(true)
    from.on('data', (chunk) => {
      if (silent) return
      if (delayMs === 0) return void to.write(chunk)
      setTimeout(() => to.writable && to.write(chunk), delayMs)
    })
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = (server.address() as AddressInfo).port

  return {
    port,
    url: `http://127.0.0.1:${port}`,
    /** Open connections that carry realtime. */
    sockets: () => [...links].filter(({ webSocket }) => webSocket).length,
    /** Resets every connection and refuses new ones until `restore`. */
    cut() {
      refusing = true
      for (const { client, upstream } of links) {
        client.resetAndDestroy()
        upstream.destroy()
      }
    },
    /** Keeps connections open and swallows every byte: only a heartbeat can notice. */
    silence() {
      silent = true
    },
    delay(ms: number) {
      delayMs = ms
    },
    /** Back to normal. What was silenced is reset, because its bytes are gone for good. */
    restore() {
      if (silent) for (const { client } of links) client.resetAndDestroy()
      refusing = false
      silent = false
      delayMs = 0
    },
    async stop() {
      for (const { client, upstream } of links) {
        client.destroy()
        upstream.destroy()
      }
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type Proxy = Awaited<ReturnType<typeof startProxy>>
