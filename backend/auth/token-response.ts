import type { Tokens } from '../tokens'
import type { Amr, OpenSession } from './sessions'
import { userJson } from './user-row'

/** What a sign-in answers. */
export type TokenResponse = Awaited<ReturnType<typeof tokenResponse>>

/** The answer to every kind of sign-in: an access token with GoTrue's claims, its successor's key and the person. */
export async function tokenResponse(tokens: Tokens, session: OpenSession, ttlSeconds: number) {
  const { user } = session
  const json = userJson(user)
  const iat = Math.floor(Date.now() / 1000)
  const expiresAt = iat + ttlSeconds
  const accessToken = await tokens.sign(
    {
      sub: user.id,
      aud: user.aud ?? 'authenticated',
      exp: expiresAt,
      iat,
      email: json.email,
      phone: json.phone,
      app_metadata: json.app_metadata,
      user_metadata: json.user_metadata,
      role: user.role ?? 'authenticated',
      aal: session.aal,
      amr: withSsoProvider(session),
      session_id: session.id,
      is_anonymous: user.is_anonymous,
    },
    ttlSeconds,
  )
  return {
    access_token: accessToken,
    token_type: 'bearer',
    expires_in: ttlSeconds,
    expires_at: expiresAt,
    refresh_token: session.refreshToken,
    user: json,
  }
}

/** As in GoTrue: a session that began with single sign-on says where, when there is only one place it can be. */
function withSsoProvider({ amr, user }: OpenSession): Amr[] {
  const first = amr.at(-1)
  const [identity, ...others] = user.identities
  if (first?.method !== 'sso/saml' || others.length > 0 || !identity?.provider.startsWith('sso:')) return amr
  return [...amr.slice(0, -1), { ...first, provider: identity.provider.slice('sso:'.length) }]
}
