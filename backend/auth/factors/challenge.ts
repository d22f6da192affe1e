import { ApiError } from '../../errors'
import type { Auth, AuthContext } from '../auth'
import { authenticate } from '../authenticate'
import { clientOf } from '../request'
import { createChallenge, ownFactor } from './challenges'
import { securityKeyChallenge } from './security-key'
import { requireSession } from './strength'

/** `POST /factors/:id/challenge`: what `POST /factors/:id/verify` then answers. */
export function challengeFactor(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const { user } = requireSession(await authenticate(auth, c))
    const factor = ownFactor(user.factors, c.req.param('id'))
    const client = clientOf(c, auth.settings.trustedProxies)
    auth.limits.update(client, user.id)
    if (factor.factor_type === 'phone') throw phoneDisabled()
    const key = factor.factor_type === 'webauthn' ? await securityKeyChallenge(auth, c, user, factor) : null
    const challenge = await auth.sql.begin((sql) =>
      createChallenge(sql, { user, factor, client }, key?.data ?? null),
    )
    return c.json({ ...challenge, type: factor.factor_type, ...(key ? { webauthn: key.webauthn } : {}) })
  }
}

/** The refusal of a factor that came with data from elsewhere: nobody sends text messages here. */
export function phoneDisabled(): ApiError {
  return new ApiError(422, 'mfa_phone_verify_not_enabled', 'MFA verification is disabled for Phone')
}
