/** Something that is asked for besides the password. */
export type Factor = {
  id: string
  kind: 'totp' | 'webauthn'
  name: string | null
  created_at: string
}

/** What an authenticator app needs to make codes. */
export type TotpSecret = { factorId: string; secret: string; qrCode: string }

export const RECOVERY_CODES = 10

/** In groups, as people read and type it. */
export const grouped = (secret: string) => secret.replace(/(.{4})(?=.)/g, '$1 ')
