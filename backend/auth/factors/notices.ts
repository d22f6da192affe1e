import type { Auth } from '../auth'
import { sendNotice } from '../mail/send'
import type { FactorRow, UserRow } from '../user-row'

const NAMES = { totp: 'TOTP', webauthn: 'WebAuthn', phone: 'SMS', passkey: 'Passkey' } as const

/** Tells a person by mail that a way to sign in was added or removed: they notice when somebody else did it. */
export function noticeFactor(
  auth: Auth,
  user: UserRow,
  what: 'factor_added' | 'factor_removed',
  kind: FactorRow['factor_type'] | 'passkey',
): void {
  sendNotice(auth, user, what, { factor: NAMES[kind] })
}
