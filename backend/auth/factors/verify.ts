import { z } from 'zod'
import { ApiError } from '../../errors'
import { auditEntry } from '../audit'
import type { Auth, AuthContext } from '../auth'
import { validationFailed } from '../auth-error'
import { authenticate, isUuid } from '../authenticate'
import { clientOf, readBody } from '../request'
import type { OpenSession } from '../sessions'
import { tokenResponse } from '../token-response'
import { phoneDisabled } from './challenge'
import {
  type Check,
  completeChallenge,
  countWrong,
  findChallenge,
  findTooManyTries,
  lastStep,
  lockFactors,
  ownFactor,
} from './challenges'
import { noticeFactor } from './notices'
import { raiseSession } from './raise-session'
import { answerSchema, checkSecurityKey } from './security-key'
import { insufficientAal, isTooWeak, requireSession } from './strength'
import { stepOf } from './totp'

const schema = z.object({
  challenge_id: z.string().nullish(),
  code: z.string().nullish(),
  webauthn: answerSchema.nullish(),
})

/** `POST /factors/:id/verify`: the answer to a challenge; the session is then as strong as it can be. */
export function verifyFactor(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const who = requireSession(await authenticate(auth, c))
    const { user } = who
    const shown = ownFactor(user.factors, c.req.param('id'))
    const body = await readBody(c, schema)
    const client = clientOf(c, auth.settings.trustedProxies)
    auth.limits.update(client, user.id)
    if (shown.factor_type === 'phone') throw phoneDisabled()
    const check =
      shown.factor_type === 'webauthn' ? checkSecurityKey(auth, c, body.webauthn) : checkCode(body.code)
    const challengeId = body.challenge_id
    if (!challengeId || !isUuid(challengeId)) throw validationFailed('challenge_id must be an UUID')

    const result = await auth.sql.begin(async (sql): Promise<OpenSession | ApiError> => {
      const factors = await lockFactors(sql, user.id)
      const factor = ownFactor(factors, shown.id)
      // Its set-up may have begun before there was another one, by somebody who has the password alone. GoTrue lets it.
      if (factor.status === 'unverified' && isTooWeak({ aal: who.aal, user: { factors } })) {
        return insufficientAal(403, 'AAL2 required to verify a new factor')
      }
      const challenge = await findChallenge(sql, factor.id, challengeId, client)
      if (challenge instanceof ApiError) return challenge
      const tooMany = await findTooManyTries(sql, user.id)
      if (tooMany) return tooMany
      const proved = await check(sql, factor, challenge)
      if (!proved) {
        await countWrong(sql, challenge)
        const what =
          factor.factor_type === 'totp' ? 'Invalid TOTP code entered' : 'Invalid credential_response'
        return new ApiError(422, 'mfa_verification_failed', what)
      }
      const traits = { factor_id: factor.id, challenge_id: challenge.id, factor_type: factor.factor_type }
      await auditEntry(sql, { action: 'verification_attempted', actor: user, client, traits })
      await completeChallenge(sql, challenge, proved.result)
      await sql`
        update auth.mfa_factors set status = 'verified', updated_at = now()
        where id = ${factor.id} and status = 'unverified'`
      await sql`
        delete from auth.mfa_factors
        where user_id = ${user.id} and status = 'unverified' and factor_type = ${factor.factor_type}`
      return raiseSession(sql, who, { factorId: factor.id, method: proved.method })
    })
    // Thrown here and not inside, where it would roll the count of wrong answers back.
    if (result instanceof ApiError) throw result
    if (shown.status === 'unverified') noticeFactor(auth, result.user, 'factor_added', shown.factor_type)
    return c.json(await tokenResponse(auth.tokens, result, auth.settings.jwtExpirySeconds))
  }
}

/** A code counts once: whoever looks over a shoulder or listens in cannot use it in the half minute that is left. */
function checkCode(code: string | null | undefined): Check {
  if (!code) throw validationFailed('Code needs to be non-empty')
  return async (sql, factor) => {
    const step = stepOf(code, factor.secret ?? '')
    if (step === null || step <= (await lastStep(sql, factor.id))) return null
    return { method: 'totp', result: { totp_step: step } }
  }
}
