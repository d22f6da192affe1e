import type { AddressInfo } from 'node:net'
import { createServer, connect as dial, type Socket } from 'node:net'
import { createPipe, type Pipe } from './proxy-pipe'

type Link = { client: Socket; up: Pipe; down: Pipe; upstream: Socket; webSocket: boolean }

/** `up` is what the client says, `down` what it is told. */
export type Direction = 'up' | 'down' | 'both'

/**
 * A TCP relay between a browser and the product that misbehaves on request. Its port stays the same while the
 * product behind it dies and comes back, and it breaks connections in the ways a network does: a reset, also in the
 * middle of a frame; a silence without a close, in one direction or both (a laptop that went to sleep, a NAT entry that
 * expired); connections that stand still while newer ones overtake them; refusals; and plain slowness.
 */
export async function startProxy(target: { port: number; host?: string }) {
  const links = new Set<Link>()
  let refusing = false
  let silent: Direction | null = null
  let delayMs = 0
  let dripBytes = 0

  const server = createServer((client) => {
    if (refusing) return void client.resetAndDestroy()
    const upstream = dial(target.port, target.host ?? '127.0.0.1')
    const up = createPipe(client, upstream)
    const down = createPipe(upstream, client)
    const link = { client, upstream, up, down, webSocket: false }
    client.once('data', (chunk) => {
      link.webSocket = String(chunk).startsWith('GET /realtime/v1/websocket')
    })
    apply(link)
    links.add(link)
    const end = () => {
      links.delete(link)
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end)
  })

  function apply({ up, down }: Link) {
    up.slow({ delayMs, dripBytes })
    down.slow({ delayMs, dripBytes })
    if (silent === 'up' || silent === 'both') up.swallow()
    if (silent === 'down' || silent === 'both') down.swallow()
  }

  const reset = (link: Link) => {
    links.delete(link)
    link.client.resetAndDestroy()
    link.upstream.destroy()
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = (server.address() as AddressInfo).port

  return {
    port,
    url: `http://127.0.0.1:${port}`,
    /** Open connections that carry realtime, whatever is done to their bytes. */
    sockets: () => [...links].filter(({ webSocket }) => webSocket).length,
    /** Realtime passes. Who is at its end learns of a broken line later than this does. */
    isConnected: () => [...links].some(({ webSocket, up, down }) => webSocket && up.flows() && down.flows()),
    /** Nothing is broken, on no connection. */
    isSound: () =>
      !refusing &&
      !silent &&
      !delayMs &&
      !dripBytes &&
      [...links].every(({ up, down }) => up.flows() && down.flows()),
    /** Resets every connection and refuses new ones until `restore`. */
    cut() {
      refusing = true
      for (const link of links) reset(link)
    },
    /** Resets every connection once half of what comes next was passed on; new ones work. */
    tear() {
      for (const link of links) link.down.tear(() => reset(link))
    },
    /** Connections that stand go on; new ones are reset until `restore`. */
    refuse() {
      refusing = true
    },
    /** Keeps connections open and swallows every byte: only a heartbeat can notice. */
    silence(direction: Direction = 'both') {
      silent = direction
      for (const link of links) apply(link)
    },
    /** Connections that stand keep what they carry until `restore`; new ones overtake them. */
    hold() {
      for (const { up, down } of links) {
        up.hold(true)
        down.hold(true)
      }
    },
    /** What carries realtime is not read any more until `restore`; what the client says still goes up. */
    stall() {
      for (const { webSocket, down } of links) if (webSocket) down.hold(true)
    },
    /** Every byte takes so much longer. */
    delay(ms: number) {
      delayMs = ms
      for (const link of links) apply(link)
    },
    /** So few bytes at a time, two hundred times a second. */
    drip(bytes: number) {
      dripBytes = bytes
      for (const link of links) apply(link)
    },
    /**
     * Back to normal. What was silenced is reset, because its bytes are gone for good; with `forgotten` it stays open
     * and silent, as behind a NAT that lost the entry.
     */
    restore({ forgotten = false } = {}) {
      refusing = false
      silent = null
      delayMs = 0
      dripBytes = 0
      for (const link of links) {
        if (!forgotten && (link.up.swallows() || link.down.swallows())) {
          reset(link)
          continue
        }
        apply(link)
        link.up.hold(false)
        link.down.hold(false)
        link.down.tear(null)
      }
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
