import { Secret, TOTP } from 'otpauth'
import { toString as drawQrCode } from 'qrcode'
import { validationFailed } from '../auth-error'

/** What authenticator apps take without asking, and GoTrue's too. */
const CODE = { algorithm: 'SHA1', digits: 6, period: 30 } as const
/** Clocks differ, and a code is typed for a while: the one before and the one after count too. */
const WINDOW = 1
const MAX_ISSUER_LENGTH = 100

/** What a person sets their authenticator app up with. */
export type TotpSetup = { secret: string; uri: string; qr_code: string }

/** A new secret of 160 bits, as text, link and picture. */
export async function newTotp(issuer: string, account: string): Promise<TotpSetup> {
  if (issuer.length > MAX_ISSUER_LENGTH) {
    throw validationFailed(`issuer cannot be longer than ${MAX_ISSUER_LENGTH} characters`)
  }
  const secret = new Secret({ size: 20 })
  // A colon ends the issuer in such a link.
  const named = { issuer: issuer.replaceAll(':', ''), label: account }
  const uri = new TOTP({ ...CODE, ...named, secret }).toString()
  const svg = await drawQrCode(uri, { type: 'svg' })
  // Clients put it unescaped into a data: address, which ends at the first `#`.
  const picture = svg.replaceAll('#000000', 'black').replaceAll('#ffffff', 'white').trim()
  return { secret: secret.base32, uri, qr_code: picture }
}

/** The step of time that a code belongs to; null when it is none of the present ones. */
export function stepOf(code: string, secret: string): number | null {
  const totp = new TOTP({ ...CODE, secret: Secret.fromBase32(secret) })
  const timestamp = Date.now()
  const delta = totp.validate({ token: code.trim(), timestamp, window: WINDOW })
  return delta === null ? null : totp.counter({ timestamp }) + delta
}
