import { type Envelope, isObject } from './envelope'

/** A message for everybody on the topic; null: it has no event name. */
export type BroadcastUp = Envelope<'broadcast', BroadcastBody | null>

/** The same as its receivers get it; bytes have a frame of their own. */
export type BroadcastDown = Envelope<
  'broadcast',
  { type: 'broadcast'; event: string; payload: unknown; meta?: Record<string, unknown> }
>

/**
 * The payload, which is never interpreted: `json` is valid JSON text. `meta` is JSON text that only the server writes:
 * who sent it, or the id of a message that came from the database. A client cannot put one there. `xid`: the
 * transaction that sent it.
 */
export type BroadcastBody = { event: string; meta?: string; xid?: number } & (
  | { json: string }
  | { bytes: Buffer }
)

/** Reads `{type, event, payload}` from a text frame; null when there is no event name. */
export function parseBroadcast(payload: unknown): BroadcastBody | null {
  if (!isObject(payload) || typeof payload.event !== 'string') return null
  return { event: payload.event, json: JSON.stringify(payload.payload ?? {}) }
}

/** The payload as JSON text for text frames; bytes have no such form. */
export function broadcastJson(body: BroadcastBody): string | null {
  if (!('json' in body)) return null
  const meta = body.meta ? `,"meta":${body.meta}` : ''
  return `{"type":"broadcast","event":${JSON.stringify(body.event)},"payload":${body.json}${meta}}`
}

/** Bytes a body occupies, for limits. */
export function broadcastSize(body: BroadcastBody): number {
  return 'json' in body ? Buffer.byteLength(body.json) : body.bytes.length
}
