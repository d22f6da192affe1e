import { createHash } from 'node:crypto'
import * as client from 'openid-client'
import { configurationOf } from './discovery'
import type { Provider } from './provider'

/** What came of a sign-in at a provider. */
export type Grant = {
  claims: Record<string, unknown>
  accessToken: string
  refreshToken: string | null
}

/** What a sign-in takes along to the provider, to be recognised by when it comes back. */
export type Trip = { state: string; verifier: string; redirectUri: string }

/** A secret for one trip, in the form that PKCE wants. */
export const newVerifier = client.randomPKCECodeVerifier

/** Where the browser is to be sent for a sign-in. */
export async function authorizationUrl(
  provider: Provider,
  trip: Trip,
  extra: Record<string, string>,
  scopes: string[],
): Promise<string> {
  const config = await configurationOf(provider)
  const challenge = await client.calculatePKCECodeChallenge(trip.verifier)
  const url = client.buildAuthorizationUrl(config, {
    ...extra,
    ...provider.params,
    redirect_uri: trip.redirectUri,
    scope: [...new Set([...provider.scopes, ...scopes])].join(' '),
    state: trip.state,
    ...(provider.pkce ? { code_challenge: challenge, code_challenge_method: 'S256' } : {}),
    ...(sendsNonce(provider) ? { nonce: nonceOf(trip.verifier) } : {}),
  })
  if (!/^https?:$/.test(url.protocol)) throw new Error('the provider has no page to sign in on')
  return url.href
}

/** Exchanges what the provider sent back: the query that the browser came with. */
export async function exchange(provider: Provider, trip: Trip, answer: URLSearchParams): Promise<Grant> {
  const config = await configurationOf(provider)
  const tokens = await client.authorizationCodeGrant(config, new URL(`${trip.redirectUri}?${answer}`), {
    expectedState: trip.state,
    ...(provider.pkce ? { pkceCodeVerifier: trip.verifier } : {}),
    ...(sendsNonce(provider) ? { expectedNonce: nonceOf(trip.verifier) } : {}),
    idTokenExpected: provider.kind === 'oidc',
  })
  const accessToken = tokens.access_token
  const claims =
    provider.kind === 'oidc'
      ? await withUserinfo(config, accessToken, { ...tokens.claims() })
      : await ask(provider, config, accessToken)
  return { claims, accessToken, refreshToken: tokens.refresh_token ?? null }
}

/** Some put the address into the ID token, some only where the access token leads to. The signed one counts. */
async function withUserinfo(
  config: client.Configuration,
  accessToken: string,
  claims: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  if (claims.email || !config.serverMetadata().userinfo_endpoint) return claims
  return { ...(await client.fetchUserInfo(config, accessToken, String(claims.sub))), ...claims }
}

async function ask(
  provider: Extract<Provider, { kind: 'oauth2' }>,
  config: client.Configuration,
  accessToken: string,
): Promise<Record<string, unknown>> {
  const get = async (url: string) => {
    const headers = new Headers({ accept: 'application/json' })
    const answer = await client.fetchProtectedResource(
      ...([config, accessToken, new URL(url), 'GET', null, headers] as const),
    )
    if (!answer.ok) throw new Error(`${new URL(url).host} answered ${answer.status}`)
    return answer.json()
  }
  const { userinfo, emails } = provider.endpoints
  const info = await get(userinfo)
  const addresses = emails ? await get(emails) : undefined
  return provider.read ? provider.read(info, addresses) : info
}

function sendsNonce(provider: Provider): boolean {
  return provider.kind === 'oidc' && provider.nonce
}

/** Nobody can tell it from the verifier's challenge, nor the verifier from it. */
function nonceOf(verifier: string): string {
  return createHash('sha256').update(`nonce ${verifier}`).digest('base64url')
}
