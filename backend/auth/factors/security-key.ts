import { z } from 'zod'
import type { Auth, AuthContext } from '../auth'
import { validationFailed } from '../auth-error'
import { type RelyingParty, relyingParty } from '../passkeys/relying-party'
import {
  type Credential,
  type CredentialResponse,
  creationOptions,
  credentialSchema,
  requestOptions,
  verifyCreation,
  verifyRequest,
} from '../passkeys/webauthn'
import type { FactorRow, Sql, UserRow } from '../user-row'
import type { ChallengeData, Check } from './challenges'
import { type StoredCredential, storedCredential, toCredential } from './stored-credential'

/** The answer of a security key in the body of a request. */
export const answerSchema = z.object({
  type: z.string().nullish(),
  credential_response: credentialSchema.nullish(),
})

/** Besides a password it is enough to hold the key. */
const verification = 'preferred'

/**
 * What a security key is asked to sign: its creation while the factor is set up, afterwards a proof. Other than in
 * GoTrue the factor's own key must answer, and not just any of the person's.
 */
export async function securityKeyChallenge(auth: Auth, c: AuthContext, user: UserRow, factor: FactorRow) {
  const rp = relyingParty(auth, c)
  const credentials = await findCredentials(auth.sql, user.id)
  const isNew = factor.status === 'unverified'
  const own = credentials.filter(({ factorId }) => factorId === factor.id)
  const options = isNew
    ? await creationOptions(rp, user, { known: credentials, isPasskey: false })
    : await requestOptions(rp, own, verification)
  const { challenge } = options
  return {
    data: { challenge, rpId: rp.id } satisfies ChallengeData,
    webauthn: { type: isNew ? 'create' : 'request', credential_options: { publicKey: options } },
  }
}

/** Looks at the answer of a security key. */
export function checkSecurityKey(
  auth: Auth,
  c: AuthContext,
  answer: z.infer<typeof answerSchema> | null | undefined,
): Check {
  if (!answer) throw validationFailed('WebAuthn config required')
  const { type, credential_response: response } = answer
  if (type !== 'create' && type !== 'request')
    throw validationFailed('WebAuthn type must be create or request')
  if (!response) throw validationFailed('credential_response required')
  const rp = relyingParty(auth, c)
  return async (sql, factor, { data: { challenge = '' } }) => {
    const isNew = factor.status === 'unverified'
    // What the challenge was made for decides, not what the answer says of itself.
    if (isNew !== (type === 'create')) return null
    const credential = isNew
      ? await made(auth, rp, response, challenge)
      : await proved(auth, rp, response, challenge, factor.web_authn_credential)
    if (!credential) return null
    await sql`
      update auth.mfa_factors set web_authn_credential = ${JSON.stringify(credential.stored)}::text::jsonb,
        web_authn_aaguid = coalesce(${credential.aaguid}::uuid, web_authn_aaguid)
      where id = ${factor.id}`
    return { method: 'mfa/webauthn', result: {} }
  }
}

async function made(auth: Auth, rp: RelyingParty, response: CredentialResponse, challenge: string) {
  const credential = await verifyCreation(auth.log, rp, { response, challenge, verification })
  return credential && { stored: storedCredential(credential), aaguid: credential.aaguid }
}

async function proved(
  auth: Auth,
  rp: RelyingParty,
  response: CredentialResponse,
  challenge: string,
  stored: StoredCredential | null,
) {
  const credential = stored && toCredential(stored)
  if (!credential || credential.id.toString('base64url') !== response.id) return null
  const used = await verifyRequest(auth.log, rp, credential, { response, challenge, verification })
  if (!used) return null
  const authenticator = { ...stored.authenticator, signCount: used.signCount }
  const flags = { ...stored.flags, backupState: used.backedUp }
  return { stored: { ...stored, authenticator, flags }, aaguid: null }
}

async function findCredentials(sql: Sql, userId: string): Promise<(Credential & { factorId: string })[]> {
  const rows = await sql<{ id: string; credential: StoredCredential }[]>`
    select id, web_authn_credential as credential from auth.mfa_factors
    where user_id = ${userId} and status = 'verified' and web_authn_credential is not null`
  return rows.map(({ id, credential }) => ({ ...toCredential(credential), factorId: id }))
}
