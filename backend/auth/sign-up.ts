import { z } from 'zod'
import { ApiError } from '../errors'
import type { Auth, AuthContext } from './auth'
import { validationFailed } from './auth-error'
import { parseEmail } from './email'
import { parseChallenge } from './flow-state'
import { signUpByMail } from './mail/sign-up-by-mail'
import { checkMetadata, type Metadata, metadataSchema } from './metadata'
import { checkPassword } from './passwords'
import { askerOf, type Client, clientOf, readBody } from './request'
import { openSession } from './sessions'
import { requestedTarget } from './site'
import { tokenResponse } from './token-response'
import { insertUser } from './users'

const schema = z.object({
  email: z.string().nullish(),
  phone: z.string().nullish(),
  password: z.string().nullish(),
  data: metadataSchema,
  code_challenge: z.string().nullish(),
  code_challenge_method: z.string().nullish(),
})

/**
 * `POST /signup`: where mails are sent, the account counts when its mail is answered; else it confirms itself and is
 * signed in at once.
 */
export function signUp(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const body = await readBody(c, schema)
    const { email, phone, password, data } = body
    const client = clientOf(c, auth.settings.trustedProxies)
    if (!email && phone) {
      throw new ApiError(400, 'phone_provider_disabled', 'Phone signups are disabled')
    }
    if (!email) return c.json(await signUpAnonymously(auth, client, data ?? {}))
    auth.limits.signUp(client)
    if (auth.settings.disableSignup) throw signUpDisabled()
    const address = parseEmail(email)
    if (!password) throw validationFailed('Signup requires a valid password')
    checkPassword(password, auth.settings.passwordMinLength)
    const userMetadata = data ?? {}
    checkMetadata(userMetadata)

    if (auth.mailer && !auth.settings.emailAutoconfirm) {
      const [challenge, target] = [parseChallenge(body), requestedTarget(auth, c)]
      const asked = { email: address, password, userMetadata, challenge, target, client }
      return c.json(await signUpByMail(auth, asked))
    }
    const encryptedPassword = await auth.passwords.hash(password, askerOf(client))
    const session = await auth.sql.begin(async (sql) => {
      const user = {
        email: address,
        encryptedPassword,
        confirmed: true,
        verified: false,
        role: 'authenticated',
      }
      const id = await insertUser(sql, { ...user, userMetadata, appMetadata: {} }, { client })
      return id && openSession(sql, { id, email: address }, { client, method: 'password' })
    })
    if (!session) throw new ApiError(422, 'user_already_exists', 'User already registered')
    return c.json(await tokenResponse(auth.tokens, session, auth.settings.jwtExpirySeconds))
  }
}

/** An account of which nobody knows anything; a name comes later, with an address, and keeps what is there. */
async function signUpAnonymously(auth: Auth, client: Client, userMetadata: Metadata) {
  if (!auth.settings.anonymousUsers) {
    throw new ApiError(422, 'anonymous_provider_disabled', 'Anonymous sign-ins are disabled')
  }
  auth.limits.anonymous(client)
  if (auth.settings.disableSignup) throw signUpDisabled()
  checkMetadata(userMetadata)
  const session = await auth.sql.begin(async (sql) => {
    const user = { email: null, encryptedPassword: null, confirmed: false, role: 'authenticated' }
    const account = { ...user, isAnonymous: true, userMetadata, appMetadata: {} }
    const id = await insertUser(sql, account, { client })
    return id && openSession(sql, { id, email: null }, { client, method: 'anonymous', provider: 'anonymous' })
  })
  if (!session) throw new Error('a random id was taken')
  return tokenResponse(auth.tokens, session, auth.settings.jwtExpirySeconds)
}

function signUpDisabled(): ApiError {
  return new ApiError(422, 'signup_disabled', 'Signups not allowed for this instance')
}
