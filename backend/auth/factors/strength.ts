import { ApiError } from '../../errors'
import type { Authenticated } from '../authenticate'
import type { FactorRow } from '../user-row'

/** A person in a session of theirs. */
export type InSession = Authenticated & { sessionId: string }

/** Whether a second factor exists that this session has not seen: it must not change how one signs in. */
export function isTooWeak({
  user,
  aal,
}: Pick<Authenticated, 'aal'> & { user: { factors: Pick<FactorRow, 'status'>[] } }): boolean {
  return aal !== 'aal2' && user.factors.some(({ status }) => status === 'verified')
}

/** The refusal of a session that is too weak. GoTrue's status differs from place to place. */
export function insufficientAal(status: 401 | 403 | 422, message: string): ApiError {
  return new ApiError(status, 'insufficient_aal', message)
}

/** Throws for a session that must not change which identities sign the person in; GoTrue lets it. */
export function requireStrength(who: Authenticated): void {
  if (!isTooWeak(who)) return
  throw insufficientAal(403, 'AAL2 session is required to link or unlink identities when MFA is enabled')
}

/** Throws for a token without a session, whose strength nobody could remember, and for accounts without a person. */
export function requireSession(who: Authenticated): InSession {
  const { user, sessionId } = who
  if (user.is_anonymous) {
    throw new ApiError(403, 'no_authorization', 'Anonymous user not allowed to perform these actions')
  }
  if (sessionId === null) {
    throw new ApiError(403, 'session_not_found', 'A valid session is required to use a factor')
  }
  return { ...who, sessionId }
}
