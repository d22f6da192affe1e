import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { ApiError } from '../../errors'
import { auditEntry } from '../audit'
import type { Auth, AuthContext } from '../auth'
import { validationFailed } from '../auth-error'
import { authenticate } from '../authenticate'
import { clientOf, readBody } from '../request'
import { siteOf } from '../site'
import type { FactorRow, Sql } from '../user-row'
import { checkName, isNameTaken, nameConflict } from './names'
import { type InSession, insufficientAal, isTooWeak, requireSession } from './strength'
import { newTotp } from './totp'

const schema = z.object({
  factor_type: z.string().nullish(),
  friendly_name: z.string().nullish(),
  issuer: z.string().nullish(),
  phone: z.string().nullish(),
})

/** As GoTrue counts: all factors, verified or not. */
const MAX_FACTORS = 10
/** A set-up that nobody went on with for so long is forgotten. */
const SETUP_SECONDS = 300

/** `POST /factors`: begins the set-up of a second factor, which counts once it was shown for the first time. */
export function enrollFactor(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const who = requireSession(await authenticate(auth, c))
    const body = await readBody(c, schema)
    const client = clientOf(c, auth.settings.trustedProxies)
    auth.limits.update(client, who.user.id)
    const type = body.factor_type
    if (type === 'phone') {
      throw new ApiError(422, 'mfa_phone_enroll_not_enabled', 'MFA enroll is disabled for Phone')
    }
    if (type !== 'totp' && type !== 'webauthn') {
      throw validationFailed('factor_type needs to be totp, phone, or webauthn')
    }
    const name = body.friendly_name ?? ''
    checkName(name)
    const issuer = body.issuer || new URL(siteOf(auth, c).siteUrl).hostname
    const totp = type === 'totp' ? await newTotp(issuer, who.user.email ?? '') : undefined
    const id = randomUUID()
    await auth.sql.begin(async (sql) => {
      await checkFactors(sql, who, name)
      await sql`
        insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, created_at, updated_at, secret)
        values (${id}, ${who.user.id}, ${name}, ${type}, 'unverified', now(), now(), ${totp?.secret ?? null})`
      const traits = { factor_id: id, factor_type: type }
      await auditEntry(sql, { action: 'factor_in_progress', actor: who.user, client, traits })
    })
    return c.json({ id, type, friendly_name: name, ...(totp ? { totp } : {}) })
  }
}

/** Throws unless one more factor may be set up. The person's row is the lock: nobody gets an eleventh by hurrying. */
async function checkFactors(sql: Sql, who: InSession, name: string): Promise<void> {
  await sql`select from auth.users where id = ${who.user.id} for no key update`
  await sql`
    delete from auth.mfa_factors f
    where f.status = 'unverified' and f.created_at < now() - make_interval(secs => ${SETUP_SECONDS})
      and not exists (
        select from auth.mfa_challenges c
        where c.factor_id = f.id and c.created_at > now() - make_interval(secs => ${SETUP_SECONDS})
      )`
  const factors = await sql<Pick<FactorRow, 'friendly_name' | 'status'>[]>`
    select friendly_name, status from auth.mfa_factors where user_id = ${who.user.id}`
  if (isNameTaken(factors, name)) throw nameConflict(name)
  if (factors.length >= MAX_FACTORS) {
    const message = 'Maximum number of verified factors reached, unenroll to continue'
    throw new ApiError(422, 'too_many_enrolled_mfa_factors', message)
  }
  if (isTooWeak(who)) throw insufficientAal(403, 'AAL2 required to enroll a new factor')
}
