/** What a verified token says. `exp` is always a number: a token without one is not accepted. */
export type Claims = {
  sub?: string
  role: string
  aud?: string | string[]
  exp: number
  session_id?: string
  [claim: string]: unknown
}

/** PostgREST's codes: PGRST301 the token cannot be trusted, PGRST303 it can, but its claims do not hold. */
export type TokenErrorCode = 'PGRST301' | 'PGRST303'

/** A token that is not accepted. The message is PostgREST's and safe to send to the client. */
export class TokenError extends Error {
  override readonly name = 'TokenError'
  readonly code: TokenErrorCode

  constructor(code: TokenErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** What the claims of a token must say, depending on the key that signed it. */
export type ClaimRules = {
  roles: readonly string[]
  /** `undefined` in the list: the claim may be missing. */
  issuers: readonly (string | undefined)[]
  audienceRequired: boolean
}

/** The year 9999: a later time is a mistake or a trick, and overflows what dates and timers can hold. */
export const LATEST_TIME = 253_402_300_799
/** Clocks of other machines that sign with the legacy secret differ a little. Ours decides about `exp`. */
const CLOCK_SKEW_SECONDS = 30

/** Reads the payload of a token whose signature holds, and checks all that does not change with time. */
export function parseClaims(payload: Uint8Array, rules: ClaimRules): Claims {
  const claims = parseObject(payload)
  for (const name of ['exp', 'nbf', 'iat']) {
    const value = claims[name]
    if (value === undefined && name !== 'exp') continue
    if (typeof value !== 'number' || value < 0 || value > LATEST_TIME) {
      throw new TokenError('PGRST303', `The JWT '${name}' claim must be a number`)
    }
  }
  const { role, sub, aud, iss } = claims
  if (typeof role !== 'string' || !rules.roles.includes(role)) {
    throw new TokenError('PGRST303', "The JWT 'role' claim must be one of the exposed roles")
  }
  if (sub !== undefined && typeof sub !== 'string') {
    throw new TokenError('PGRST303', "The JWT 'sub' claim must be a string")
  }
  if ((aud !== undefined || rules.audienceRequired) && ![aud].flat().includes('authenticated')) {
    throw new TokenError('PGRST303', 'JWT not in audience')
  }
  if (!rules.issuers.some((issuer) => issuer === iss)) {
    throw new TokenError('PGRST303', "The JWT 'iss' claim is not an accepted issuer")
  }
  return claims as Claims
}

/** Throws unless the claims hold at this moment (seconds since 1970). */
export function checkTime(claims: Claims, seconds: number): void {
  if (seconds >= claims.exp) throw new TokenError('PGRST303', 'JWT expired')
  const latest = seconds + CLOCK_SKEW_SECONDS
  if (typeof claims.nbf === 'number' && claims.nbf > latest)
    throw new TokenError('PGRST303', 'JWT not yet valid')
  if (typeof claims.iat === 'number' && claims.iat > latest) {
    throw new TokenError('PGRST303', 'JWT issued at future')
  }
}

function parseObject(payload: Uint8Array): Record<string, unknown> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(payload)
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && !repeatsKey(text)) {
      return value as Record<string, unknown>
    }
  } catch {
    // Falls through: not UTF-8 or not JSON is refused like any other payload that is not one plain object.
  }
  throw new TokenError('PGRST303', 'Parsing claims failed')
}

/** Two parsers may disagree about which of two equal keys counts, so such a token means nothing. */
function repeatsKey(json: string): boolean {
  const keys = new Set<string>()
  let depth = 0
  for (const [token, text, colon] of json.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    else if (depth === 1 && text !== undefined && colon !== undefined) {
      const key: string = JSON.parse(text)
      if (keys.has(key)) return true
      keys.add(key)
    }
  }
  return false
}
