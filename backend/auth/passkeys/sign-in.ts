import { ApiError } from '../../errors'
import type { Auth, AuthContext } from '../auth'
import { userBanned } from '../auth-error'
import { clientOf, readBody } from '../request'
import { type OpenSession, openSession } from '../sessions'
import { tokenResponse } from '../token-response'
import { findUserById } from '../users'
import { storeChallenge, takeChallenge } from './challenges'
import { answerSchema, readAnswer, verificationFailed } from './register'
import { type RelyingParty, relyingParty } from './relying-party'
import { type CredentialResponse, requestOptions, verifyRequest } from './webauthn'

type CredentialRow = { id: string; user_id: string; public_key: Buffer; sign_count: string }

/**
 * GoTrue would be content with an authenticator that does not ask who holds it. Here nothing else is asked for: a key
 * that was found must not be enough.
 */
const verification = 'required'

/** `POST /passkeys/authentication/options`: the same for everybody, since nobody has said who they are. */
export function startAuthentication(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    auth.limits.passkey(clientOf(c, auth.settings.trustedProxies))
    const rp = relyingParty(auth, c)
    const options = await requestOptions(rp, [], verification)
    const { challenge } = options
    const stored = await storeChallenge(auth.sql, 'authentication', { userId: null, challenge, rp })
    return c.json({ ...stored, options })
  }
}

/** `POST /passkeys/authentication/verify`: a session of `aal1`, as in GoTrue; a second factor is asked for besides. */
export function finishAuthentication(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const client = clientOf(c, auth.settings.trustedProxies)
    auth.limits.passkey(client)
    const { challengeId, response } = readAnswer(await readBody(c, answerSchema))
    const challenge = await takeChallenge(auth.sql, 'authentication', challengeId, null)
    const rp = relyingParty(auth, c)
    const session = await auth.sql.begin(async (sql): Promise<OpenSession | undefined> => {
      const credential = await verified({ ...auth, sql }, rp, response, challenge)
      const user = await findUserById(sql, credential.user_id)
      if (!user) throw verificationFailed()
      if (user.email && !user.email_confirmed_at) {
        throw new ApiError(403, 'email_not_confirmed', 'Email not confirmed')
      }
      if (user.is_banned) throw userBanned(403)
      return openSession(sql, user, { client, method: 'passkey', provider: 'passkey' })
    })
    if (!session) throw verificationFailed()
    return c.json(await tokenResponse(auth.tokens, session, auth.settings.jwtExpirySeconds))
  }
}

/** The credential that signed, with its count written down under its lock. */
async function verified(
  { sql, log }: Pick<Auth, 'log'> & { sql: Parameters<typeof findUserById>[0] },
  rp: RelyingParty,
  response: CredentialResponse,
  challenge: string,
): Promise<CredentialRow> {
  const id = Buffer.from(response.id, 'base64url')
  const [credential] = await sql<CredentialRow[]>`
    select id, user_id, public_key, sign_count from auth.webauthn_credentials where credential_id = ${id} for update`
  const handle = Buffer.from(response.response.userHandle ?? '', 'base64url').toString()
  if (!credential || handle !== credential.user_id) throw verificationFailed()
  const stored = {
    id,
    publicKey: credential.public_key,
    signCount: Number(credential.sign_count),
    transports: [],
  }
  const used = await verifyRequest(log, rp, stored, { response, challenge, verification })
  if (!used) throw verificationFailed()
  await sql`
    update auth.webauthn_credentials set sign_count = ${used.signCount}, backed_up = ${used.backedUp},
      last_used_at = now(), updated_at = now()
    where id = ${credential.id}`
  return credential
}
