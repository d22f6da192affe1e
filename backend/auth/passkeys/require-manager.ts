import type { Authenticated } from '../authenticate'
import { insufficientAal, isTooWeak } from '../factors/strength'

/** Throws for a session that is too weak to change how the person signs in. */
export function requireManager(who: Authenticated): void {
  if (!isTooWeak(who)) return
  throw insufficientAal(403, 'AAL2 session is required to manage passkeys when MFA is enabled')
}
