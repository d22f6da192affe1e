import type { Envelope } from './envelope'

/** Sent every 25 seconds on the topic `phoenix`; answered with an empty `ok`. */
export type Heartbeat = Envelope<'heartbeat', unknown>

export const HEARTBEAT_TOPIC = 'phoenix'
