import type { Duplex } from 'node:stream'
import { Channel } from './channel'
import { type Client, listen } from './client'
import { type Few, hasMember, membersOf, withMember } from './few'
import { type Frame, frameOf } from './frame'
import { MAX_TOKEN_LENGTH } from './handshake'
import type { Hub } from './hub'
import { join, TOO_MANY_JOINS } from './join'
import { Outbox } from './outbox'
import type { Principal } from './principals'
import { decodeBinary, decodeText, encode, FrameError } from './protocol/codec'
import type { Down } from './protocol/down'
import { type Envelope, TOPIC_PREFIX, type Vsn } from './protocol/envelope'
import { HEARTBEAT_TOPIC } from './protocol/heartbeat'
import { parseJoin } from './protocol/join'
import { reply } from './protocol/reply'

/** A connection after its handshake. `address`: what it is counted under. */
type Connection = { ws: Client; raw: Duplex; address: string; vsn: Vsn; principal: Principal }

/** One connection: reads frames, knows its channels, writes frames. */
export class Socket {
  readonly vsn: Vsn
  /** Whom the key of the connection stands for, until a join names a person. */
  readonly principal: Principal
  /** Milliseconds since 1970 of the last frame. */
  lastSeen = Date.now()
  readonly address: string
  private readonly hub: Hub
  private readonly ws: Client
  private readonly outbox: Outbox
  private readonly onGone: (socket: Socket) => void
  /** Who has joined something here. */
  private persons: Few<string>
  private readonly channels = new Map<string, Channel>()
  private closing = false

  /** `onGone`: hears of the end of the connection. */
  constructor(hub: Hub, { ws, raw, address, vsn, principal }: Connection, onGone: (socket: Socket) => void) {
    this.hub = hub
    this.ws = ws
    this.address = address
    this.vsn = vsn
    this.principal = principal
    this.outbox = new Outbox(raw, hub.limits.maxBufferedBytes, () =>
      this.close(1013, 'too slow, please sync again'),
    )
    this.onGone = onGone
    listen(ws, this)
  }

  send(message: Down): void {
    this.sendText(encode(this.vsn, message))
  }

  sendText(text: string): void {
    this.outbox.push(frameOf(text))
  }

  sendFrame(frame: Frame): void {
    this.outbox.push(frame)
  }

  /** Ends the connection. A reader that does not take the farewell is cut off after `closeMs`. */
  close(code: number, reason: string): void {
    // ws sees to that, but not where the client has ended its half: what it never reads would be waited for.
    if (!this.closing && this.ws.readyState === this.ws.CLOSING) {
      setTimeout(() => this.ws.terminate(), this.hub.limits.closeMs)
    }
    this.closing = true
    this.leaveAll()
    this.outbox.end()
    this.ws.close(code, reason)
  }

  /** Tells every channel that the server goes, then closes. */
  drain(): void {
    for (const channel of this.channels.values()) {
      channel.system('system', 'ok', 'Server requested disconnect')
    }
    this.close(1012, 'server restart')
  }

  /** A channel of this socket has ended. */
  forget(channel: Channel): void {
    if (this.channels.get(channel.topic) === channel) this.channels.delete(channel.topic)
  }

  /** How many `postgres_changes` its channels ask for. */
  get bindings(): number {
    let count = 0
    for (const { config } of this.channels.values()) count += config.postgresChanges.length
    return count
  }

  /** How much its channels asked for when they were joined. */
  private get joinBytes(): number {
    let sum = 0
    for (const { joinBytes } of this.channels.values()) sum += joinBytes
    return sum
  }

  /** Whether one more channel may speak for this principal here. */
  admits({ sub }: Principal): boolean {
    if (sub === null || hasMember(this.persons, sub)) return true
    if (!this.hub.persons.take(sub)) return false
    this.persons = withMember(this.persons, sub)
    return true
  }

  /** Whether this principal may join once more in this second, on whatever socket. */
  mayJoin(principal: Principal): boolean {
    return this.hub.joins.take(this.payer(principal)) === 'all'
  }

  /** Whose limits count what a principal does here: the person's, or those of the address where nobody has a name. */
  payer({ sub }: Principal): string {
    return sub ?? `address ${this.address}`
  }

  private leaveAll(): void {
    for (const channel of [...this.channels.values()]) channel.leave()
  }

  /** Takes a message. */
  read(data: Buffer, binary: boolean): void {
    if (!this.mayRead(data.length)) return
    try {
      this.dispatch(binary ? decodeBinary(data) : decodeText(this.vsn, data.toString()), data.length)
    } catch (error) {
      if (error instanceof FrameError) {
        this.close(error.code, error.message)
        return
      }
      this.hub.log.error({ err: error }, 'realtime: a message could not be read')
      this.close(1011, 'internal error')
    }
  }

  /** The connection has ended. */
  ended(): void {
    this.leaveAll()
    for (const person of membersOf(this.persons)) this.hub.persons.giveBack(person)
    for (const rate of Object.values(this.hub.socketRates)) rate.forget(this)
    this.onGone(this)
  }

  /** What ws says of a connection, which it closes by itself. */
  failed(error: Error): void {
    this.hub.log.debug({ err: error }, 'realtime: socket error')
  }

  /** Counts a frame. What was on the way when the connection was ended must not begin anything on it. */
  mayRead(bytes: number): boolean {
    if (this.closing) return false
    this.lastSeen = Date.now()
    const { frames, bytes: amounts } = this.hub.socketRates
    if (frames.take(this) && amounts.take(this, bytes)) return true
    this.close(1008, 'too many messages per second')
    return false
  }

  private dispatch(message: Envelope, bytes: number): void {
    const { topic, event } = message
    if (topic === HEARTBEAT_TOPIC) {
      if (event === 'heartbeat') this.send(reply(message, 'ok'))
      else this.unmatched(message)
      return
    }
    if (event === 'phx_join') {
      this.join(message, bytes)
      return
    }
    const channel = this.channels.get(topic)
    // A message of an earlier join of the same topic is not for the channel that is there now.
    if (!channel || (message.joinRef !== null && message.joinRef !== channel.joinRef)) {
      if (event === 'phx_leave') this.send(reply(message, 'ok'))
      else this.unmatched(message)
      return
    }
    if (event === 'phx_leave') {
      this.send(reply(message, 'ok'))
      channel.close()
      return
    }
    channel.receive(message, bytes)
  }

  private unmatched(message: Envelope): void {
    if (message.ref !== null) this.send(reply(message, 'error', { reason: 'unmatched topic' }))
  }

  private join(message: Envelope, bytes: number): void {
    const { limits, socketRates } = this.hub
    const refuse = (reason: string) => this.send(reply(message, 'error', { reason }))
    if (!socketRates.joins.take(this)) {
      refuse(TOO_MANY_JOINS)
      this.close(1008, 'too many joins per second')
      return
    }
    const { topic } = message
    if (!topic.startsWith(TOPIC_PREFIX)) {
      refuse('unmatched topic')
      return
    }
    if (topic === TOPIC_PREFIX) {
      refuse('TopicNameRequired: You must provide a topic name')
      return
    }
    if (topic.length > limits.maxTopicLength) {
      refuse('TopicNameTooLong: The topic name is too long')
      return
    }
    this.channels.get(topic)?.close()
    if (this.channels.size >= limits.maxChannelsPerSocket) {
      refuse('ChannelRateLimitReached: Too many channels')
      return
    }
    const config = parseJoin(message.payload, topic.slice(TOPIC_PREFIX.length))
    const channel = new Channel(this.hub, this, { ...message, payload: null }, config)
    // A token is checked and forgotten.
    channel.joinBytes = bytes - Math.min(config.accessToken?.length ?? 0, MAX_TOKEN_LENGTH)
    this.channels.set(topic, channel)
    if (this.joinBytes > limits.maxJoinBytesPerSocket) {
      channel.leave()
      refuse('JoinTooLarge: The joins of this connection ask for too much')
      return
    }
    join(channel, message).catch((error: unknown) => {
      this.hub.log.warn({ err: error }, 'realtime: a join failed')
      if (channel.leave()) refuse('UnknownErrorOnChannel: Unknown error on channel')
    })
  }
}
