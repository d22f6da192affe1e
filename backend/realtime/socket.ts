import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { Channel } from './channel'
import { type Frame, frameOf } from './frame'
import type { Hub } from './hub'
import { join } from './join'
import { Rate } from './limits'
import { Outbox } from './outbox'
import type { Principal } from './principals'
import { decodeBinary, decodeText, encode, FrameError } from './protocol/codec'
import type { Down } from './protocol/down'
import { type Envelope, TOPIC_PREFIX, type Vsn } from './protocol/envelope'
import { HEARTBEAT_TOPIC } from './protocol/heartbeat'
import { parseJoin } from './protocol/join'
import { reply } from './protocol/reply'

/** One connection: reads frames, knows its channels, writes frames. */
export class Socket {
  readonly vsn: Vsn
  /** Whom the key of the connection stands for, until a join names a person. */
  readonly principal: Principal
  /** Milliseconds since 1970 of the last frame. */
  lastSeen = Date.now()
  /** Resolves when the connection has ended. */
  readonly gone: Promise<void>
  private readonly hub: Hub
  private readonly ws: WebSocket
  private readonly outbox: Outbox
  private readonly joins: Rate
  private readonly channels = new Map<string, Channel>()
  private closing = false

  constructor(hub: Hub, ws: WebSocket, raw: Duplex, vsn: Vsn, principal: Principal) {
    this.hub = hub
    this.ws = ws
    this.vsn = vsn
    this.principal = principal
    this.joins = new Rate(hub.limits.maxJoinsPerSecond)
    this.outbox = new Outbox(raw, hub.limits.maxBufferedBytes, () =>
      this.close(1013, 'too slow, please sync again'),
    )
    ws.on('message', (data: Buffer, binary: boolean) => this.read(data, binary))
    ws.on('ping', () => {
      this.lastSeen = Date.now()
    })
    // ws reports a broken frame here and closes the connection with the right code by itself.
    ws.on('error', (error) => hub.log.debug({ err: error }, 'realtime: socket error'))
    this.gone = new Promise((resolve) => {
      ws.on('close', () => {
        this.leaveAll()
        resolve()
      })
    })
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

  /** Ends the connection. A reader that does not take the farewell is cut off by ws after `closeMs`. */
  close(code: number, reason: string): void {
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

  private leaveAll(): void {
    for (const channel of [...this.channels.values()]) channel.leave()
  }

  private read(data: Buffer, binary: boolean): void {
    // What was on the way when the connection was ended must not begin anything on it.
    if (this.closing) return
    this.lastSeen = Date.now()
    try {
      this.dispatch(binary ? decodeBinary(data) : decodeText(this.vsn, data.toString()))
    } catch (error) {
      if (error instanceof FrameError) {
        this.close(error.code, error.message)
        return
      }
      this.hub.log.error({ err: error }, 'realtime: a message could not be read')
      this.close(1011, 'internal error')
    }
  }

  private dispatch(message: Envelope): void {
    const { topic, event } = message
    if (topic === HEARTBEAT_TOPIC) {
      if (event === 'heartbeat') this.send(reply(message, 'ok'))
      else this.unmatched(message)
      return
    }
    if (event === 'phx_join') {
      this.join(message)
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
    channel.receive(message)
  }

  private unmatched(message: Envelope): void {
    if (message.ref !== null) this.send(reply(message, 'error', { reason: 'unmatched topic' }))
  }

  private join(message: Envelope): void {
    const { limits } = this.hub
    const refuse = (reason: string) => this.send(reply(message, 'error', { reason }))
    if (!this.joins.take()) {
      refuse('ClientJoinRateLimitReached: Too many joins per second')
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
    const channel = new Channel(this.hub, this, message, parseJoin(message.payload))
    this.channels.set(topic, channel)
    join(channel, message).catch((error: unknown) => {
      this.hub.log.warn({ err: error }, 'realtime: a join failed')
      if (channel.leave()) refuse('UnknownErrorOnChannel: Unknown error on channel')
    })
  }
}
