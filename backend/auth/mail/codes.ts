import { createHash, createHmac, hkdfSync, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import type { Secrets } from '../../secrets'

/** What a code proves: GoTrue's types of `auth.one_time_tokens`, and the columns of `auth.users` of the same name. */
export type CodeType =
  | 'confirmation_token'
  | 'recovery_token'
  | 'email_change_token_new'
  | 'email_change_token_current'
  | 'reauthentication_token'

/** What a code is bound to: it is worth nothing for anything else. */
export type CodeBinding = { userId: string; type: CodeType; address: string }

/** Makes codes and the hashes that are stored of them. */
export type Codes = {
  hash(code: string, binding: CodeBinding): string
  matches(code: string, binding: CodeBinding, stored: string | null | undefined): boolean
}

const PKCE = 'pkce_'

/** Six digits to type in, 000000 to 999999. */
export function newCode(): string {
  return randomInt(0, 1_000_000).toString().padStart(6, '0')
}

/**
 * The token of a link, in the form of GoTrue's. GoTrue's is a hash of address and code, so that whoever knows the
 * address needs to try a million; this one is random and cannot be guessed at all.
 */
export function newLinkToken(pkce: boolean): string {
  return (pkce ? PKCE : '') + randomBytes(28).toString('hex')
}

/** Whether a link ends with a code for the client that began it, rather than with a session. */
export function isPkceToken(token: string): boolean {
  return token.startsWith(PKCE)
}

/** What is stored of a link's token. The prefix stays readable, as in GoTrue. */
export function hashLinkToken(token: string): string {
  const prefix = isPkceToken(token) ? PKCE : ''
  return prefix + createHash('sha224').update(token).digest('hex')
}

/** Codes of an installation. Six digits are found again from a plain hash at once, so theirs takes a secret. */
export function createCodes({ secretKey }: Pick<Secrets, 'secretKey'>): Codes {
  const key = Buffer.from(hkdfSync('sha256', secretKey, '', 'codes in mails', 32))
  const hash = (code: string, { userId, type, address }: CodeBinding) =>
    createHmac('sha256', key)
      .update(JSON.stringify([userId, type, address, code]))
      .digest('hex')
  return {
    hash,
    matches(code, binding, stored) {
      const [given, expected] = [Buffer.from(hash(code, binding)), Buffer.from(stored ?? '')]
      return given.length === expected.length && timingSafeEqual(given, expected)
    },
  }
}
