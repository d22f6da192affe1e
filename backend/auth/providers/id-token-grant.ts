import { z } from 'zod'
import { ApiError } from '../../errors'
import type { Auth, AuthContext } from '../auth'
import { userBanned, validationFailed } from '../auth-error'
import { authenticate } from '../authenticate'
import { requireStrength } from '../factors/strength'
import { clientOf, readBody } from '../request'
import { openSession } from '../sessions'
import { tokenResponse } from '../token-response'
import { accountOf } from './account'
import { verifyIdToken } from './id-token'
import { requireManualLinking } from './identities'
import { linkToUser } from './link'
import { profileOf } from './profile'
import { findProvider } from './provider'

const schema = z.object({
  provider: z.string().nullish(),
  id_token: z.string().nullish(),
  access_token: z.string().nullish(),
  nonce: z.string().nullish(),
  link_identity: z.boolean().nullish(),
})

/** `POST /token?grant_type=id_token`: an application that has an ID token of a provider signs in with it. */
export function signInWithIdToken(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const body = await readBody(c, schema)
    const client = clientOf(c, auth.settings.trustedProxies)
    auth.limits.refresh(client)
    if (!body.id_token) throw validationFailed('id_token required')
    // GoTrue also takes an issuer and a client id that the request names, and calls that unsafe.
    if (!body.provider) throw validationFailed('provider required')
    const target = body.link_identity ? await authenticate(auth, c) : null
    if (target) {
      requireManualLinking(auth)
      requireStrength(target)
    }
    const provider = await findProvider(auth, body.provider)
    const claims = await verifyIdToken(auth, provider, {
      idToken: body.id_token,
      accessToken: body.access_token ?? null,
      nonce: body.nonce ?? null,
    })
    const arrival = {
      provider: provider.name,
      profile: profileOf(provider, claims),
      emailOptional: provider.emailOptional,
      client,
    }
    const session = await auth.sql.begin(async (sql) => {
      const id = target ? await linkToUser(sql, target.user.id, arrival) : await accountOf(auth, sql, arrival)
      return openSession(sql, { id, email: null }, { client, method: 'oauth', provider: provider.name })
    })
    if (!session) throw target ? new ApiError(403, 'user_banned', 'User is banned') : userBanned(400)
    return c.json(await tokenResponse(auth.tokens, session, auth.settings.jwtExpirySeconds))
  }
}
