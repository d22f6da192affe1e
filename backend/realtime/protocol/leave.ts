import type { Envelope } from './envelope'

/** The client leaves a topic: answered with `ok`, then `phx_close`. */
export type Leave = Envelope<'phx_leave', unknown>
