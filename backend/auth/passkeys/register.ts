import { z } from 'zod'
import { ApiError } from '../../errors'
import { auditEntry } from '../audit'
import type { Auth, AuthContext } from '../auth'
import { validationFailed } from '../auth-error'
import { authenticate, isUuid } from '../authenticate'
import { noticeFactor } from '../factors/notices'
import { type InSession, requireSession } from '../factors/strength'
import { clientOf, readBody } from '../request'
import type { Sql } from '../user-row'
import { storeChallenge, takeChallenge } from './challenges'
import { passkeyName } from './names'
import { findPasskeys, type PasskeyRow, passkeyJson } from './passkey-row'
import { relyingParty } from './relying-party'
import { requireManager } from './require-manager'
import { creationOptions, credentialSchema, type NewCredential, verifyCreation } from './webauthn'

/** As GoTrue. */
const MAX_PASSKEYS = 10

/** What answers a challenge, in both ceremonies. */
export const answerSchema = z.object({
  challenge_id: z.string().nullish(),
  credential: credentialSchema.nullish(),
})

/** `POST /passkeys/registration/options`. */
export function startRegistration(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const { user } = await registrant(auth, c)
    const known = await findPasskeys(auth.sql, user.id)
    if (known.length >= MAX_PASSKEYS) throw tooManyPasskeys()
    const rp = relyingParty(auth, c)
    const options = await creationOptions(rp, user, {
      known: known.map(({ credential_id: id }) => ({ id })),
      isPasskey: true,
    })
    const { challenge } = options
    const stored = await storeChallenge(auth.sql, 'registration', { userId: user.id, challenge, rp })
    return c.json({ ...stored, options })
  }
}

/** `POST /passkeys/registration/verify`. */
export function finishRegistration(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const { user } = await registrant(auth, c)
    const { challengeId, response } = readAnswer(await readBody(c, answerSchema))
    const challenge = await takeChallenge(auth.sql, 'registration', challengeId, user.id)
    const rp = relyingParty(auth, c)
    const credential = await verifyCreation(auth.log, rp, { response, challenge, verification: 'required' })
    if (!credential) throw verificationFailed()
    const client = clientOf(c, auth.settings.trustedProxies)
    const passkey = await auth.sql.begin(async (sql) => {
      const created = await insertPasskey(sql, user.id, credential)
      const traits = { passkey_id: created.id }
      await auditEntry(sql, { action: 'passkey_created', actor: user, client, traits })
      return created
    })
    noticeFactor(auth, user, 'factor_added', 'passkey')
    return c.json(passkeyJson(passkey))
  }
}

/** Throws unless the answer has its parts. */
export function readAnswer({
  challenge_id: challengeId,
  credential: response,
}: z.infer<typeof answerSchema>) {
  if (!challengeId) throw validationFailed('challenge_id is required')
  if (!response) throw validationFailed('credential is required')
  if (!isUuid(challengeId)) throw validationFailed('challenge_id must be a valid UUID')
  return { challengeId, response }
}

/** One refusal, whatever is wrong: an unknown credential, a signature, an address. */
export function verificationFailed(): ApiError {
  return new ApiError(400, 'webauthn_verification_failed', 'Credential verification failed')
}

async function registrant(auth: Auth, c: AuthContext): Promise<InSession> {
  const who = requireSession(await authenticate(auth, c))
  const { user } = who
  auth.limits.update(clientOf(c, auth.settings.trustedProxies), user.id)
  const [account] = await auth.sql`select from auth.users where id = ${user.id} and is_sso_user`
  if (account) throw new ApiError(422, 'validation_failed', 'SSO users cannot register passkeys')
  requireManager(who)
  return who
}

/** The person's row is the lock: nobody gets an eleventh by hurrying. */
async function insertPasskey(sql: Sql, userId: string, credential: NewCredential): Promise<PasskeyRow> {
  await sql`select from auth.users where id = ${userId} for no key update`
  if ((await findPasskeys(sql, userId)).length >= MAX_PASSKEYS) throw tooManyPasskeys()
  const [created] = await sql<PasskeyRow[]>`
    insert into auth.webauthn_credentials (
      user_id, credential_id, public_key, attestation_type, aaguid, sign_count, transports, backup_eligible,
      backed_up, friendly_name
    ) values (
      ${userId}, ${credential.id}, ${credential.publicKey}, ${credential.format}, ${credential.aaguid},
      ${credential.signCount}, ${JSON.stringify(credential.transports)}::text::jsonb, ${credential.backupEligible},
      ${credential.backedUp}, ${passkeyName(credential.aaguid)}
    )
    on conflict (credential_id) do nothing
    returning id, friendly_name, created_at, last_used_at`
  if (!created) {
    throw new ApiError(422, 'webauthn_credential_exists', 'This credential is already registered')
  }
  return created
}

function tooManyPasskeys(): ApiError {
  return new ApiError(422, 'too_many_passkeys', 'Maximum number of passkeys reached')
}
