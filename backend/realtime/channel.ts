import { randomUUID } from 'node:crypto'
import { ALL_RIGHTS, NO_RIGHTS, type Rights } from './access'
import { handleEvent } from './channel-events'
import { type Frame, frameOf, SharedFrame } from './frame'
import type { Hub } from './hub'
import type { Principal } from './principals'
import { broken, close } from './protocol/close'
import { around, encodeBroadcast, encodeText } from './protocol/codec'
import { type Envelope, TOPIC_PREFIX, type Vsn } from './protocol/envelope'
import type { JoinConfig } from './protocol/join'
import { reply } from './protocol/reply'
import { system } from './protocol/system'
import type { Told } from './replay'
import type { Socket } from './socket'

/** Messages that may wait while a channel does something that takes time. */
const MAX_WAITING = 1_000

/** The stream is never so far behind; transaction ids begin anew after some billions. */
const REPLAYED_MS = 3_600_000

type Kind = 'broadcast' | 'presence' | 'changes'

/** `xid`: the transaction that sent it, when it came from SQL. */
type Delivery = { kind: Kind; frame: Frame; xid?: number | undefined }

/** One topic joined by one socket: the protocol's unit of identity, rights and order. */
export class Channel {
  readonly hub: Hub
  readonly socket: Socket
  readonly topic: string
  readonly name: string
  readonly joinRef: string | null
  readonly config: JoinConfig
  /** What the message that joined it amounts to. */
  joinBytes = 0
  state: 'joining' | 'joined' | 'closed' = 'joining'
  principal: Principal
  rights: Rights = NO_RIGHTS
  watchesPresence = false
  private shownUnder: string | null = null
  /** Messages that arrived while an earlier one is being dealt with. */
  private waiting: { message: Envelope; bytes: number }[] = []
  private waitingBytes = 0
  private busy = false
  /** While rights are asked for again, what would be delivered waits here. */
  private held: Delivery[] | null = null
  /** Of which transactions a replay has told already: they may still be on the way in the stream. */
  private replayed: { sees(xid: number): boolean; until: number } | null = null
  private changesText: readonly [before: string, after: string] | null = null
  /** Counts doubts about the rights: an answer from before the last doubt does not count. */
  private doubts = 0
  /** Counts who asks for the rights: of several, the last one's answer is used. */
  private askers = 0

  constructor(hub: Hub, socket: Socket, join: Envelope, config: JoinConfig) {
    this.hub = hub
    this.socket = socket
    this.topic = join.topic
    this.name = join.topic.slice(TOPIC_PREFIX.length)
    this.joinRef = join.joinRef ?? join.ref
    this.config = config
    this.principal = hub.principals.hold(socket.principal, this)
  }

  get vsn(): Vsn {
    return this.socket.vsn
  }

  /** The text around every change that is told here. */
  get aroundChanges(): readonly [before: string, after: string] {
    const head = { joinRef: null, ref: null, topic: this.topic, event: 'postgres_changes' } as const
    this.changesText ??= around(this.vsn, head)
    return this.changesText
  }

  /** The key it is shown under. Made when it is asked for: a random one is held in pieces, of 700 bytes. */
  get presenceKey(): string {
    this.shownUnder ??= presenceKey(this.config.presence.key)
    return this.shownUnder
  }

  get private(): boolean {
    return this.config.private
  }

  /** Hears row changes one by one, named by their type. */
  get legacy(): boolean {
    return this.config.legacy
  }

  /** Speaks for another token from now on. */
  become(principal: Principal): void {
    if (principal.key === this.principal.key) return
    const before = this.principal
    // Whoever asks about the old token has nothing to say any more.
    this.askers += 1
    this.principal = this.hub.principals.hold(principal, this)
    this.hub.principals.release(before, this)
  }

  /**
   * Asks for the rights until the answer is newer than every doubt, then uses it at once: nothing can come between
   * the check and the use.
   */
  async withRights(use: (rights: Rights) => void): Promise<void> {
    this.askers += 1
    const asker = this.askers
    for (;;) {
      const { doubts } = this
      const rights = this.private ? await this.hub.access.rights(this.principal, this.name) : ALL_RIGHTS
      if (asker !== this.askers) return
      if (doubts !== this.doubts) continue
      use(rights)
      return
    }
  }

  /**
   * Something changed that the rights may depend on: nothing is delivered or taken until they are known again. `ready`:
   * when they can be asked for.
   */
  async doubt(ready?: Promise<void>): Promise<void> {
    this.doubts += 1
    if (!this.private || this.state !== 'joined' || this.held) return
    this.held = []
    try {
      if (ready) await ready
      await this.withRights((rights) => this.settle(rights))
    } catch (error) {
      this.hub.log.warn({ err: error }, 'realtime: rights could not be asked for')
      this.break()
    }
  }

  /** Takes newly asked rights, delivers what waited for them, or ends the channel. */
  settle(rights: Rights): void {
    const { held, rights: before } = this
    this.held = null
    this.rights = rights
    if (this.state !== 'joined') return
    if (isRevoked(before, rights, this.watchesPresence)) {
      this.end(`You no longer have permission to read from this Channel topic: ${this.name}`)
      return
    }
    if (before.speakPresence && !rights.speakPresence) this.hub.presence.untrack(this.topicName, this)
    for (const each of held ?? []) this.deliver(each.kind, each.frame, each.xid)
    this.drain()
  }

  /** Holds deliveries back until `settle`. */
  hold(): void {
    this.held ??= []
  }

  /** Delivers messages from before the channel was joined. What their snapshot sees is not delivered once more. */
  replay({ bodies, sees }: Told): void {
    for (const body of bodies) {
      const payload = encodeBroadcast(this.vsn, this.topic, body)
      if (payload !== null) this.socket.sendFrame(frameOf(payload))
    }
    this.replayed = { sees, until: Date.now() + REPLAYED_MS }
  }

  /** Hands a frame to the socket if the channel may still hear this kind. */
  deliver(kind: Kind, frame: Frame, xid?: number): void {
    if (this.state === 'closed' || this.hub.sessions.isOver(this.principal)) return
    if (this.held) {
      if (this.held.length >= MAX_WAITING) this.break()
      else this.held.push({ kind, frame, xid })
      return
    }
    if (this.state !== 'joined') return
    if (kind === 'broadcast' && !this.rights.hearBroadcast) return
    if (kind === 'presence' && !this.rights.hearPresence) return
    if (xid !== undefined && this.wasReplayed(xid)) return
    this.socket.sendFrame(frame)
  }

  private wasReplayed(xid: number): boolean {
    if (this.replayed && this.replayed.until < Date.now()) this.replayed = null
    return this.replayed?.sees(xid) ?? false
  }

  /** Deals with a message after all earlier ones of this channel. */
  receive(message: Envelope, bytes = 0): void {
    if (this.state === 'closed') return
    const payer = this.socket.payer(this.principal)
    if (!this.hub.channelRates.messages.take(this) || this.hub.messages.take(payer) !== 'all') {
      this.end('Too many messages per second')
      return
    }
    if (this.busy || this.held || this.state === 'joining') {
      this.waitingBytes += bytes
      const full = this.waiting.length >= MAX_WAITING || this.waitingBytes > this.hub.limits.maxBufferedBytes
      if (full) this.end('Too many messages per second')
      else this.waiting.push({ message, bytes })
      return
    }
    this.handle(message)
  }

  /** Deals with what arrived meanwhile. */
  drain(): void {
    while (!this.busy && !this.held && this.state === 'joined') {
      const next = this.waiting.shift()
      if (!next) return
      this.waitingBytes -= next.bytes
      this.handle(next.message)
    }
  }

  private handle(message: Envelope): void {
    // Who asks for a new token says who speaks from then on; nobody else speaks for a sign-in that is over.
    if (message.event !== 'access_token' && this.hub.sessions.isOver(this.principal)) return
    const pending = handleEvent(this, message)
    if (!pending) return
    this.busy = true
    pending
      .catch((error: unknown) => {
        this.hub.log.warn({ err: error }, 'realtime: a message could not be dealt with')
        this.break()
      })
      .then(() => {
        this.busy = false
        this.drain()
      })
      // Of what waited behind it.
      .catch((error: unknown) => {
        this.hub.log.error({ err: error }, 'realtime: a message could not be read')
        this.break()
      })
  }

  reply(to: Envelope, status: 'ok' | 'error', response: Record<string, unknown> = {}): void {
    if (to.ref !== null && this.state !== 'closed') this.socket.send(reply(to, status, response))
  }

  system(extension: 'postgres_changes' | 'system', status: 'ok' | 'error', message: string): void {
    if (this.state !== 'closed')
      this.socket.send(system(this.topic, this.joinRef, extension, status, message))
  }

  /** Sends who is shown and every later change. */
  watchPresence(): void {
    if (this.watchesPresence || !this.rights.hearPresence) return
    this.watchesPresence = true
    const { json, bytes } = this.hub.presence.watch(this.topicName, this)
    const { topic, joinRef, vsn } = this
    const head = { joinRef, ref: null, topic, event: 'presence_state' } as const
    // A client that joins again merges what it knew wrongly (see Presence): it starts from nothing.
    if (json !== '{}') this.socket.sendText(encodeText(vsn, head, '{}'))
    const [before, after] = around(vsn, head)
    // In a crowd everybody who comes is sent the same long list: it is kept once.
    this.socket.sendFrame(new SharedFrame(before, bytes, after))
  }

  get topicName(): { name: string; private: boolean } {
    return { name: this.name, private: this.private }
  }

  /** Ends for a reason that the client is told; it does not join again by itself. */
  end(reason: string): void {
    this.system('system', 'error', reason)
    this.close()
  }

  /** Ends in order. */
  close(): void {
    if (this.leave()) this.socket.send(close(this.topic, this.joinRef))
  }

  /** Ends because something failed here; the client joins again after a pause. */
  break(): void {
    if (this.leave()) this.socket.send(broken(this.topic, this.joinRef))
  }

  /** Lets go of everything, saying nothing. False when that was done before. */
  leave(): boolean {
    if (this.state === 'closed') return false
    this.state = 'closed'
    this.waiting = []
    this.held = null
    this.socket.forget(this)
    this.hub.topics.remove(this.topicName, this)
    this.hub.presence.leave(this.topicName, this)
    this.hub.changes.unsubscribe(this)
    this.hub.principals.release(this.principal, this)
    for (const rate of Object.values(this.hub.channelRates)) rate.forget(this)
    return true
  }
}

/** Clients keep presences in plain objects: a key like `constructor` would break all of them on the topic. */
function presenceKey(wanted: string): string {
  return wanted === '' || wanted in Object.prototype ? randomUUID() : wanted
}

/** A right to hear that was used and is gone. */
function isRevoked(before: Rights, now: Rights, watchesPresence: boolean): boolean {
  if (!now.hearBroadcast && !now.hearPresence) return true
  return (before.hearBroadcast && !now.hearBroadcast) || (watchesPresence && !now.hearPresence)
}
