import { createHash, timingSafeEqual } from 'node:crypto'
import { createRemoteJWKSet, customFetch, decodeJwt, type JWTPayload, jwtVerify } from 'jose'
import { ApiError } from '../../errors'
import type { Auth } from '../auth'
import { configurationOf, fetcherOf } from './discovery'
import type { Provider } from './provider'

/** An ID token that an application got by itself, and what belongs to it. */
export type ShownToken = { idToken: string; accessToken: string | null; nonce: string | null }

const ALGORITHMS = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA'.split(' ')
const CLOCK_SECONDS = 30
const MAX_KEY_SETS = 100

const keySets = new Map<string, ReturnType<typeof createRemoteJWKSet>>()

/** The claims of an ID token of this provider for one of our clients. Throws when it is anything else. */
export async function verifyIdToken(auth: Auth, provider: Provider, shown: ShownToken): Promise<JWTPayload> {
  if (provider.kind !== 'oidc') {
    throw new ApiError(400, 'validation_failed', `Provider ${provider.name} issues no ID tokens`)
  }
  const claims = await verify(provider, shown.idToken).catch((error: unknown) => {
    auth.log.info({ err: error, provider: provider.name }, 'An ID token was not accepted')
    throw refused('invalid request', 'Bad ID token')
  })
  checkAudience(provider, claims)
  if (!provider.skipNonceCheck) checkNonce(claims.nonce, shown.nonce)
  if (shown.accessToken) checkAccessToken(shown, claims.at_hash)
  return claims
}

async function verify(provider: Provider, idToken: string): Promise<JWTPayload> {
  const { issuer, jwks_uri: uri = '' } = (await configurationOf(provider)).serverMetadata()
  const { payload } = await jwtVerify(idToken, keysOf(provider, uri), {
    issuer: issuerFor(issuer, idToken),
    algorithms: ALGORITHMS,
    clockTolerance: CLOCK_SECONDS,
    requiredClaims: ['sub', 'exp', 'iat', 'aud'],
  })
  return payload
}

function keysOf(provider: Provider, uri: string): ReturnType<typeof createRemoteJWKSet> {
  const id = JSON.stringify([uri, provider.limits])
  const known = keySets.get(id)
  if (known) return known
  const keys = createRemoteJWKSet(new URL(uri), { [customFetch]: fetcherOf(provider) })
  if (keySets.size >= MAX_KEY_SETS) keySets.clear()
  keySets.set(id, keys)
  return keys
}

/** Microsoft publishes one document for all its tenants; each signs with its own name. */
function issuerFor(issuer: string, idToken: string): string {
  if (!issuer.includes('{tenantid}')) return issuer
  const { tid } = decodeJwt(idToken)
  if (typeof tid !== 'string' || !/^[0-9a-f-]{36}$/.test(tid)) throw new Error('the token names no tenant')
  return issuer.replace('{tenantid}', tid)
}

function checkAudience({ clientIds }: Provider, { aud, azp }: JWTPayload): void {
  const audiences = [aud ?? []].flat()
  const isOurs = audiences.some((each) => clientIds.includes(each))
  // A token for several says for whom it was made.
  const isForUs = audiences.length === 1 || clientIds.includes(String(azp))
  if (!isOurs || !isForUs) throw refused('invalid request', 'Unacceptable audience in id_token')
}

/** The application sends the provider the hash of a number, and us the number: nobody else knows it. */
function checkNonce(inToken: unknown, given: string | null): void {
  if (!inToken !== !given) {
    throw refused('invalid request', 'Passed nonce and nonce in id_token should either both exist or not.')
  }
  if (!given) return
  const expected = createHash('sha256').update(given).digest('hex')
  if (!isEqual(expected, String(inToken))) throw refused('invalid nonce', 'Nonces mismatch')
}

/** OpenID Connect Core, 3.1.3.6: the left half of the hash that the signature uses. */
function checkAccessToken({ idToken, accessToken }: ShownToken, expected: unknown): void {
  if (typeof expected !== 'string') return
  const header = JSON.parse(Buffer.from(idToken.split('.')[0] ?? '', 'base64url').toString())
  const bits = /(256|384|512)$/.exec(header.alg)?.[1] ?? '512'
  const digest = createHash(`sha${bits}`)
    .update(accessToken ?? '')
    .digest()
  const half = digest.subarray(0, digest.length / 2).toString('base64url')
  if (!isEqual(half, expected)) throw refused('invalid request', 'Bad ID token')
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** GoTrue answers here in the words of OAuth. */
function refused(error: string, description: string): ApiError {
  return new ApiError(400, 'validation_failed', description, {
    body: { error, error_description: description },
  })
}
