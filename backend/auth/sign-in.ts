import { z } from 'zod'
import { ApiError } from '../errors'
import { type Auth, type AuthContext, REUSE_INTERVAL_SECONDS } from './auth'
import { invalidCredentials, notImplemented, userBanned, validationFailed } from './auth-error'
import { normalizeEmail } from './email'
import { exchangeCode } from './pkce'
import { signInWithIdToken } from './providers/id-token-grant'
import { refreshSession } from './refresh'
import { askerOf, clientOf, readBody } from './request'
import { openSession } from './sessions'
import { tokenResponse } from './token-response'
import { findUserByEmail } from './users'

const passwordSchema = z.object({
  email: z.string().nullish(),
  phone: z.string().nullish(),
  password: z.string().nullish(),
})

const refreshSchema = z.object({ refresh_token: z.string().nullish() })

/** `POST /token?grant_type=…`. */
export function token(auth: Auth) {
  const grants: Record<string, (c: AuthContext) => Promise<Response>> = {
    password: signInWithPassword(auth),
    refresh_token: refresh(auth),
    pkce: exchangeCode(auth),
    id_token: signInWithIdToken(auth),
  }
  return async (c: AuthContext): Promise<Response> => {
    const type = c.req.query('grant_type') ?? ''
    const grant = Object.hasOwn(grants, type) ? grants[type] : undefined
    if (grant) return grant(c)
    if (type === 'web3') throw notImplemented('Grant type web3')
    throw new ApiError(400, 'invalid_credentials', 'unsupported_grant_type')
  }
}

/** `POST /token?grant_type=password` and `POST /login`: one read, one bcrypt, one write. */
export function signInWithPassword(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const { email, phone, password } = await readBody(c, passwordSchema)
    const client = clientOf(c, auth.settings.trustedProxies)
    if (!email && phone) {
      throw new ApiError(422, 'phone_provider_disabled', 'Phone logins are disabled')
    }
    if (!email) throw validationFailed('missing email or phone')
    const address = normalizeEmail(email)
    auth.limits.signIn(client, address)

    // Whatever is wrong, the same work is done and the same is said: nobody learns here who has an account.
    const user = await findUserByEmail(auth.sql, address)
    const matches = await auth.passwords.verify(password ?? '', user?.encrypted_password, askerOf(client))
    if (!user || !matches) throw invalidCredentials()
    if (user.is_banned) throw userBanned(400)
    if (!user.email_confirmed_at) throw new ApiError(400, 'email_not_confirmed', 'Email not confirmed')
    const session = await openSession(auth.sql, user, {
      client,
      method: 'password',
      passwordHash: user.encrypted_password,
    })
    if (!session) throw invalidCredentials()
    return c.json(await tokenResponse(auth.tokens, session, auth.settings.jwtExpirySeconds))
  }
}

function refresh(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const { refresh_token: refreshToken } = await readBody(c, refreshSchema)
    const client = clientOf(c, auth.settings.trustedProxies)
    if (!refreshToken) throw validationFailed('refresh_token required')
    auth.limits.refresh(client)
    const session = await refreshSession(auth.sql, refreshToken, client, REUSE_INTERVAL_SECONDS)
    return c.json(await tokenResponse(auth.tokens, session, auth.settings.jwtExpirySeconds))
  }
}
