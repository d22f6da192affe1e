import { type Envelope, isObject } from './envelope'

/** A client starts, changes or stops showing itself on a topic. */
export type PresenceUp = Envelope<'presence', unknown>

/** One shown client: what it tracked plus the reference of this showing. */
export type Meta = Record<string, unknown> & { phx_ref: string; phx_ref_prev?: string }

/** Who is shown, by key; several clients may share a key. */
export type PresenceEntries = Record<string, { metas: Meta[] }>

export type PresenceState = Envelope<'presence_state', PresenceEntries>
export type PresenceDiff = Envelope<'presence_diff', { joins: PresenceEntries; leaves: PresenceEntries }>

/** What a `presence` push asks for. */
export type PresenceCommand =
  | { kind: 'track'; meta: Record<string, unknown> }
  | { kind: 'untrack' }
  | { kind: 'nothing' }
  | { kind: 'invalid'; reason: string }

/** Reads `{type:'presence', event:'track'|'untrack', payload?}`. */
export function parsePresence(payload: unknown): PresenceCommand {
  // Answered with `ok`, as upstream does.
  if (!isObject(payload) || typeof payload.event !== 'string') return { kind: 'nothing' }
  const event = payload.event.toLowerCase()
  if (event === 'untrack') return { kind: 'untrack' }
  if (event !== 'track') return { kind: 'invalid', reason: 'unknown presence event' }
  const meta = payload.payload ?? {}
  if (!isObject(meta)) return { kind: 'invalid', reason: 'Presence track payload must be a map' }
  return { kind: 'track', meta }
}
