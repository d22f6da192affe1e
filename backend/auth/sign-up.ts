import { z } from 'zod'
import { ApiError } from '../errors'
import type { Auth, AuthContext } from './auth'
import { validationFailed } from './auth-error'
import { parseEmail } from './email'
import { checkMetadata, metadataSchema } from './metadata'
import { checkPassword } from './passwords'
import { clientOf, readBody } from './request'
import { openSession } from './sessions'
import { tokenResponse } from './token-response'
import { insertUser } from './users'

const schema = z.object({
  email: z.string().nullish(),
  phone: z.string().nullish(),
  password: z.string().nullish(),
  data: metadataSchema,
})

/** `POST /signup`: without a mail server an account confirms itself and is signed in at once. */
export function signUp(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const { email, phone, password, data } = await readBody(c, schema)
    const client = clientOf(c, auth.settings.trustedProxies)
    if (!email && phone) {
      throw new ApiError(400, 'phone_provider_disabled', 'Phone signups are disabled')
    }
    if (!email) {
      throw new ApiError(422, 'anonymous_provider_disabled', 'Anonymous sign-ins are disabled')
    }
    auth.limits.signUp(client)
    if (auth.settings.disableSignup) {
      throw new ApiError(422, 'signup_disabled', 'Signups not allowed for this instance')
    }
    const address = parseEmail(email)
    if (!password) throw validationFailed('Signup requires a valid password')
    checkPassword(password, auth.settings.passwordMinLength)
    const userMetadata = data ?? {}
    checkMetadata(userMetadata)

    const encryptedPassword = await auth.passwords.hash(password)
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
