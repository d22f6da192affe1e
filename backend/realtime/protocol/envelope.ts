/** The two serializers of Phoenix sockets: 1.0.0 sends objects, 2.0.0 arrays and a few binary frames. */
export type Vsn = '1.0.0' | '2.0.0'

/** What every message of either direction carries. */
export type Envelope<Event extends string = string, Payload = unknown> = {
  joinRef: string | null
  ref: string | null
  topic: string
  event: Event
  payload: Payload
}

/** Topics on the wire start with this; what follows is the name that policies see. */
export const TOPIC_PREFIX = 'realtime:'

/** A JSON object, as opposed to an array, a scalar or null. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
