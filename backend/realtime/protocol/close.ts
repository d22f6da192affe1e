import type { Envelope } from './envelope'

/** The channel ended in order: the client does not join again by itself. */
export type Close = Envelope<'phx_close', Record<string, never>>

/** The channel broke: the client joins again after a pause. */
export type Broken = Envelope<'phx_error', Record<string, never>>

export function close(topic: string, joinRef: string | null): Close {
  return { joinRef, ref: joinRef, topic, event: 'phx_close', payload: {} }
}

export function broken(topic: string, joinRef: string | null): Broken {
  return { joinRef, ref: joinRef, topic, event: 'phx_error', payload: {} }
}
