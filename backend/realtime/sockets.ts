import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Server, WebSocketServer } from 'ws'
import { addressKey, clientAddress } from '../rate-limit'
import { Client } from './client'
import { checkHandshake } from './handshake'
import type { Hub } from './hub'
import { Quota } from './rates'
import { Socket } from './socket'

const SWEEP_MS = 1_000

/** Opens, watches and closes the sockets of the server. */
export class Sockets {
  private readonly hub: Hub
  private readonly server: Server<typeof Client>
  private readonly open = new Set<Socket>()
  /** Who waits for the last one to go. */
  private waiting: (() => void)[] = []
  private readonly addresses: Quota
  private sweeper: NodeJS.Timeout | undefined
  private closing = false

  constructor(hub: Hub) {
    this.hub = hub
    const { maxFrameBytes, closeMs, maxSocketsPerAddress } = hub.limits
    this.addresses = new Quota(maxSocketsPerAddress)
    this.server = new WebSocketServer({
      noServer: true,
      WebSocket: Client,
      // Compression costs memory per socket and time per message, and leaks lengths of secrets next to guesses.
      perMessageDeflate: false,
      maxPayload: maxFrameBytes,
      maxFragments: 1_024,
      closeTimeout: closeMs,
      clientTracking: false,
    } as never)
  }

  start(): void {
    this.sweeper = setInterval(() => this.sweep(), SWEEP_MS)
    this.sweeper.unref()
  }

  get size(): number {
    return this.open.size
  }

  upgrade(request: IncomingMessage, raw: Duplex, head: Buffer): void {
    this.shakeHands(request, raw, head).catch((error: unknown) => {
      this.hub.log.error({ err: error }, 'realtime: a handshake failed')
      refuse(raw, 500, 'Internal server error')
    })
  }

  /** Closes every socket with a reason; those that do not answer are cut off. */
  closeAll(code: number, reason: string): void {
    for (const socket of this.open) socket.close(code, reason)
  }

  /** Says goodbye to everybody and takes nobody new; resolves when all have gone. */
  async drain(): Promise<void> {
    this.closing = true
    clearInterval(this.sweeper)
    for (const socket of this.open) socket.drain()
    if (this.open.size > 0) await new Promise<void>((resolve) => this.waiting.push(resolve))
  }

  private async shakeHands(request: IncomingMessage, raw: Duplex, head: Buffer): Promise<void> {
    const { hub } = this
    if (this.closing) {
      refuse(raw, 503, 'The server is stopping')
      return
    }
    if (raw.destroyed) return
    const address = this.addressOf(request)
    if (this.open.size >= hub.limits.maxSockets || !this.addresses.take(address)) {
      refuse(raw, 429, 'Too many connected users')
      return
    }
    const giveBack = () => this.addresses.giveBack(address)
    raw.once('close', giveBack)
    const found = await checkHandshake(request, hub)
    if ('error' in found) {
      refuse(raw, found.status, found.error)
      return
    }
    // Nobody would wait for it any more.
    if (this.closing) {
      refuse(raw, 503, 'The server is stopping')
      return
    }
    this.server.handleUpgrade(request, raw, head, (ws) => {
      raw.off('close', giveBack)
      this.open.add(new Socket(hub, { ws, raw, address, ...found }, this.onGone))
    })
  }

  private readonly onGone = (socket: Socket) => {
    this.open.delete(socket)
    this.addresses.giveBack(socket.address)
    if (this.open.size > 0) return
    for (const goOn of this.waiting.splice(0)) goOn()
  }

  private addressOf({ socket, headers }: IncomingMessage): string {
    const forwarded = headers['x-forwarded-for']?.toString()
    return addressKey(clientAddress(socket.remoteAddress, forwarded, this.hub.site.trustedProxies))
  }

  /** Ends what has expired: tokens, and sockets that nobody is behind any more. */
  private sweep(): void {
    const { principals, sessions, limits } = this.hub
    const now = Date.now()
    for (const principal of principals.all()) {
      if (!sessions.isOver(principal, now)) continue
      const age = Math.floor(now / 1000 - principal.expiresAt)
      const reason = age < 0 ? 'The session of this token has ended' : `Token has expired ${age} seconds ago`
      for (const channel of [...principals.holders(principal)]) channel.end(reason)
    }
    for (const socket of this.open) {
      if (now - socket.lastSeen > limits.idleMs) socket.close(1000, 'idle')
    }
  }
}

const REASONS: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** Nobody watches over this connection any more: it must not stay half open for as long as a client likes. */
function refuse(raw: Duplex, status: number, error: string): void {
  const body = JSON.stringify({ error })
  raw.once('finish', () => raw.destroy())
  raw.end(
    `HTTP/1.1 ${status} ${REASONS[status] ?? 'Error'}\r\nConnection: close\r\n` +
      `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
