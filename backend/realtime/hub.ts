import type { Logger } from 'pino'
import type { CallerDeps } from '../caller'
import type { Access } from './access'
import type { Channel } from './channel'
import type { Limits } from './limits'
import type { Presence } from './presence'
import type { Principals } from './principals'
import type { Binding } from './protocol/join'
import type { Quota, Rates, Windows } from './rates'
import type { Replays } from './replay'
import type { Sessions } from './sessions'
import type { Socket } from './socket'
import type { Topics } from './topics'

/** What channels share: one of each per server. */
export type Hub = {
  limits: Limits
  log: Logger
  keys: CallerDeps
  /** How the site is reached: which pages may connect, and whose address a connection has. */
  site: { siteUrl: string | undefined; trustedProxies: number }
  /** On how many sockets each person has joined something. */
  persons: Quota
  /** Joins of each person, or address of those without a name. */
  joins: Rates
  /** What they say on all their channels, in messages and in bytes. */
  messages: Rates
  bytes: Rates
  socketRates: Record<'joins' | 'frames' | 'bytes', Windows<Socket>>
  channelRates: Record<'messages' | 'bytes' | 'presenceCalls', Windows<Channel>>
  principals: Principals<Channel>
  topics: Topics<Channel>
  presence: Presence<Channel>
  access: Access
  sessions: Sessions
  replays: Replays
  changes: Changes
}

/** Row changes as a channel sees them. */
export type Changes = {
  /** The id of a binding: the same for the same parameters. */
  idOf(binding: Binding): number
  /**
   * Begins delivering. Resolves to the bindings as everybody holds them who asks for the same. Throws BindingError with a
   * sentence for the client.
   */
  subscribe(channel: Channel, bindings: Binding[]): Promise<Binding[]>
  /** Does work when no change is on the way to channels: who is told of one has been found out for the tokens of then. */
  between<Result>(work: () => Result): Promise<Result>
  /** The channel speaks for another token now: what it may see is decided anew. */
  move(channel: Channel): Promise<void>
  unsubscribe(channel: Channel): void
}
