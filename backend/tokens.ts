import { createHash } from 'node:crypto'
import { compactVerify, decodeProtectedHeader, importJWK, type JWK, SignJWT } from 'jose'
import { type Claims, checkTime, parseClaims, TokenError } from './token-claims'

export type { Claims } from './token-claims'

/** Signs, verifies and publishes. */
export type Tokens = {
  /** Signs with the installation's ES256 key; sets `iss`, `iat` and `exp` unless the claims have them. */
  sign(claims: Record<string, unknown>, ttlSeconds: number): Promise<string>
  /** The claims of a token that is valid now. Throws TokenError. */
  verify(jwt: string): Promise<Claims>
  /** The public keys, for `/auth/v1/.well-known/jwks.json`. */
  jwks(): { keys: JWK[] }
}

/** What tokens are made with. */
export type TokensOptions = {
  /** Private ES256 key with `kid`. */
  signingKey: JsonWebKey
  /** Shared secret of legacy HS256 keys and tokens. */
  jwtSecret: string
  /** `iss` of the tokens issued here. A function where the address is known only once the server listens. */
  issuer: string | (() => string)
  /** Roles that a token may name: those the REST service can switch to. */
  roles?: readonly string[]
  /** Milliseconds since 1970; tests move it. */
  now?: () => number
}

/** Some 10 MB when full. A token that falls out is only verified again. */
const CACHE_SIZE = 10_000
/** A token is a header line, and Node refuses more than 16 KB of headers. */
const MAX_LENGTH = 16_384
/** Issuers that Supabase's own tools write into legacy keys. */
const LEGACY_ISSUERS = ['supabase', 'supabase-demo']
const EXPOSED_ROLES = ['anon', 'authenticated', 'service_role']

/** Signing and verification of every token of an installation. */
export function createTokens(options: TokensOptions): Tokens {
  const { roles = EXPOSED_ROLES, now = Date.now } = options
  const { kty, crv, x, y, d, kid } = options.signingKey as JWK
  if (crv !== 'P-256' || !d || !kid) throw new Error('signingKey must be a private P-256 JWK with a kid')
  const publicJwk: JWK = { kty, crv, x, y, kid, alg: 'ES256', use: 'sig' }
  const privateKey = importJWK({ kty, crv, x, y, d }, 'ES256')
  const publicKey = importJWK({ kty, crv, x, y }, 'ES256')
  const legacySecret = new TextEncoder().encode(options.jwtSecret)
  const issuer = () => (typeof options.issuer === 'string' ? options.issuer : options.issuer())
  const verified = new Map<string, Claims>()

  async function verifyNew(token: string): Promise<Claims> {
    if (token === '') throw new TokenError('PGRST301', 'Empty JWT is sent in Authorization header')
    if (token.length > MAX_LENGTH) throw new TokenError('PGRST301', "JWT couldn't be decoded")
    const parts = token.split('.').length
    if (parts !== 3) throw new TokenError('PGRST301', `Expected 3 parts in JWT; got ${parts}`)
    const named = namedKey(token)
    if (named !== undefined && named !== kid) throw wrongKey()
    // The key fixes the algorithm; what the token says of itself only chooses between two keys that we hold.
    const ours = named === kid
    const payload = ours
      ? await verifySignature(token, await publicKey, 'ES256')
      : await verifySignature(token, legacySecret, 'HS256')
    const issuers = ours ? [issuer()] : [undefined, issuer(), ...LEGACY_ISSUERS]
    return parseClaims(payload, { roles, issuers, audienceRequired: ours })
  }

  return {
    async sign(claims, ttlSeconds) {
      const iat = Math.floor(now() / 1000)
      return new SignJWT({ iss: issuer(), iat, exp: iat + ttlSeconds, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid, typ: 'JWT' })
        .sign(await privateKey)
    },

    async verify(token) {
      // A hash as the key: a heap dump or an error report then holds no token.
      const id = createHash('sha256').update(token).digest('base64')
      const known = verified.get(id)
      // Frozen, since every request with this token is given the same object.
      const claims = known ?? Object.freeze(await verifyNew(token))
      checkTime(claims, now() / 1000)
      if (known) verified.delete(id)
      verified.set(id, claims)
      if (verified.size > CACHE_SIZE) verified.delete(verified.keys().next().value as string)
      return claims
    },

    jwks: () => ({ keys: [publicJwk] }),
  }
}

function namedKey(token: string): unknown {
  try {
    return decodeProtectedHeader(token).kid
  } catch {
    throw new TokenError('PGRST301', "JWT couldn't be decoded")
  }
}

async function verifySignature(
  token: string,
  key: Uint8Array | Awaited<ReturnType<typeof importJWK>>,
  algorithm: 'ES256' | 'HS256',
): Promise<Uint8Array> {
  try {
    return (await compactVerify(token, key, { algorithms: [algorithm] })).payload
  } catch {
    throw wrongKey()
  }
}

function wrongKey(): TokenError {
  return new TokenError('PGRST301', 'No suitable key or wrong key type')
}

/** A token of the legacy shared secret: how the anon and service_role keys of an installation are made. */
export function signLegacyToken(jwtSecret: string, claims: Record<string, unknown>): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(new TextEncoder().encode(jwtSecret))
}
