import { z } from 'zod'
import type { Auth, AuthContext } from './auth'
import { userBanned, validationFailed } from './auth-error'
import { exchangeAuthCode } from './flow-state'
import { clientOf, readBody } from './request'
import { openSession } from './sessions'
import { tokenResponse } from './token-response'

const schema = z.object({ auth_code: z.string().nullish(), code_verifier: z.string().nullish() })

/** `POST /token?grant_type=pkce`: the session that a mail or another site led to, for whoever began it. */
export function exchangeCode(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const { auth_code: code, code_verifier: verifier } = await readBody(c, schema)
    const client = clientOf(c, auth.settings.trustedProxies)
    auth.limits.refresh(client)
    if (!code || !verifier) {
      throw validationFailed('invalid request: both auth code and code verifier should be non-empty')
    }
    const { session, flow } = await auth.sql.begin(async (sql) => {
      const flow = await exchangeAuthCode(sql, code, verifier)
      const { provider_type: provider, authentication_method: method } = flow
      const user = { id: flow.user_id, email: null }
      return { flow, session: await openSession(sql, user, { client, method, provider }) }
    })
    if (!session) throw userBanned(400)
    const answer = await tokenResponse(auth.tokens, session, auth.settings.jwtExpirySeconds)
    return c.json({
      ...answer,
      ...(flow.provider_access_token ? { provider_token: flow.provider_access_token } : {}),
      ...(flow.provider_refresh_token ? { provider_refresh_token: flow.provider_refresh_token } : {}),
    })
  }
}
