import type { EmailOtpType } from '@supabase/supabase-js'

/** What a link from a mail, or a sign-in elsewhere, has put into the address. */
export type Arrival =
  /** Still to be verified. */
  | { kind: 'token'; tokenHash: string; type: EmailOtpType }
  /** A session, which the client picks up by itself. */
  | { kind: 'session'; type: string | null }
  | { kind: 'message'; message: string }
  | { kind: 'problem'; code: string }
  /** A link to set a new password was used, and the page is loaded again before that was done. */
  | { kind: 'begun' }
  | { kind: 'nothing' }

/** What the address keeps of such a link: what it carried works no second time, what it was for is not done yet. */
export const BEGUN = '?type=recovery'

const TYPES: readonly string[] = ['signup', 'invite', 'magiclink', 'recovery', 'email_change', 'email']

/** Reads it before the client does: that one clears the fragment. */
export function readArrival({ search, hash }: Pick<Location, 'search' | 'hash'>): Arrival {
  const query = new URLSearchParams(search)
  const fragment = new URLSearchParams(hash.replace(/^#/, ''))
  const code = fragment.get('error_code') ?? query.get('error_code')
  if (code || fragment.has('error') || query.has('error'))
    return { kind: 'problem', code: code || 'access_denied' }
  const tokenHash = query.get('token_hash')
  const type = query.get('type') ?? ''
  if (tokenHash && TYPES.includes(type)) return { kind: 'token', tokenHash, type: type as EmailOtpType }
  if (fragment.has('access_token')) return { kind: 'session', type: fragment.get('type') }
  const message = fragment.get('message')
  if (message) return { kind: 'message', message }
  return { kind: search === BEGUN ? 'begun' : 'nothing' }
}
