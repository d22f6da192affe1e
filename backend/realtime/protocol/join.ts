import { type Envelope, isObject } from './envelope'

/** The client asks to join a topic. */
export type Join = Envelope<'phx_join', unknown>

/** One `postgres_changes` entry of a join, as sent; it is echoed verbatim in the reply. */
export type Binding = Record<string, unknown>

/** What a join asks for, with defaults in place of whatever was missing or of a wrong type. */
export type JoinConfig = {
  broadcast: { ack: boolean; self: boolean; replicationReady: boolean; replay: Replay | 'invalid' | null }
  presence: { key: string; enabled: boolean }
  postgresChanges: Binding[]
  private: boolean
  accessToken: string | null
  /** Without `config`, from clients of before 2022: the topic itself is the subscription. */
  legacy: boolean
}

/** Messages since a moment (unix milliseconds) that a private channel wants to hear again. */
export type Replay = { since: number; limit: number }

const MAX_REPLAY = 25
/** A key goes to everybody on the topic with each change of what is shown under it. */
const MAX_KEY_LENGTH = 255

/**
 * Reads a join's payload. Wrong types fall back to defaults: a join is never refused for its shape. `name`: the topic
 * without its prefix.
 */
export function parseJoin(payload: unknown, name: string): JoinConfig {
  const root = isObject(payload) ? payload : {}
  const legacy = !('config' in root)
  const config = isObject(root.config) ? root.config : {}
  const broadcast = isObject(config.broadcast) ? config.broadcast : {}
  const presence = isObject(config.presence) ? config.presence : {}
  const token = root.access_token ?? root.user_token
  return {
    broadcast: {
      ack: flag(broadcast.ack),
      self: flag(broadcast.self),
      replicationReady: flag(broadcast.replication_ready),
      replay: parseReplay(broadcast.replay),
    },
    presence: {
      key: typeof presence.key === 'string' && presence.key.length <= MAX_KEY_LENGTH ? presence.key : '',
      enabled: flag(presence.enabled),
    },
    postgresChanges: legacy ? [bindingOf(name)] : listOf(config.postgres_changes),
    private: flag(config.private),
    accessToken: typeof token === 'string' && token !== '' ? token : null,
    legacy,
  }
}

function listOf(value: unknown): Binding[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** `schema:table:filter`, of which the last two may be missing. */
function bindingOf(name: string): Binding {
  const [schema, table, ...filter] = name.split(':')
  return {
    schema,
    ...(table === undefined ? {} : { table }),
    ...(filter.length === 0 ? {} : { filter: filter.join(':') }),
  }
}

/** The last moment that a date with four digits of the year can say. */
const LATEST = 253_402_300_799_999

function parseReplay(value: unknown): Replay | 'invalid' | null {
  if (!isObject(value)) return null
  const { since, limit } = { since: value.since ?? 0, limit: value.limit ?? MAX_REPLAY }
  if (!isInteger(since) || !isInteger(limit) || Math.abs(since) > LATEST) return 'invalid'
  return { since: Math.max(since, 0), limit: Math.min(Math.max(limit, 1), MAX_REPLAY) }
}

function isInteger(value: unknown): value is number {
  return Number.isInteger(value)
}

/** Upstream takes booleans and their spelling in any case. */
function flag(value: unknown): boolean {
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true')
}
