import { type Envelope, isObject } from './envelope'

/** A newer token for a joined channel. There is no reply. */
export type AccessToken = Envelope<'access_token', unknown>

/** The token of an `access_token` push; null when it carries none (then it is ignored). */
export function parseAccessToken(payload: unknown): string | null {
  const token = isObject(payload) ? payload.access_token : null
  return typeof token === 'string' && token !== '' ? token : null
}
