import type { Envelope } from './envelope'

/** The answer to a push that carried a `ref`. */
export type Reply = Envelope<'phx_reply', { status: 'ok' | 'error'; response: Record<string, unknown> }>

/** Answers `to` on its own topic and refs. */
export function reply(to: Envelope, status: 'ok' | 'error', response: Record<string, unknown> = {}): Reply {
  return {
    joinRef: to.joinRef,
    ref: to.ref,
    topic: to.topic,
    event: 'phx_reply',
    payload: { status, response },
  }
}
