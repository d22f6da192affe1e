import { z } from 'zod'
import { ApiError } from '../errors'
import { auditEntry } from './audit'
import type { Auth, AuthContext } from './auth'
import { invalidCredentials } from './auth-error'
import { authenticate } from './authenticate'
import { parseEmail } from './email'
import { insufficientAal, isTooWeak } from './factors/strength'
import { metadataSchema } from './metadata'
import { checkPassword } from './passwords'
import { clientOf, readBody } from './request'
import { updateUser } from './update-user'
import { type UserRow, userJson } from './user-row'

const schema = z.object({
  email: z.string().nullish(),
  phone: z.string().nullish(),
  password: z.string().nullish(),
  current_password: z.string().nullish(),
  data: metadataSchema,
  app_metadata: z.unknown().optional(),
})

/** `GET /user`. */
export function getUser(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const { user } = await authenticate(auth, c)
    return c.json(userJson(user))
  }
}

/** `PUT /user`: password, metadata, and e-mail address; without a mail server the new address counts at once. */
export function putUser(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const who = await authenticate(auth, c)
    const { user, sessionId } = who
    const { email, phone, password, current_password, data, app_metadata } = await readBody(c, schema)
    const client = clientOf(c, auth.settings.trustedProxies)
    auth.limits.update(client, user.id)
    if (app_metadata != null) {
      throw new ApiError(403, 'not_admin', 'Updating app_metadata requires admin privileges')
    }
    if (phone) throw new ApiError(400, 'phone_provider_disabled', 'Phone numbers are disabled')
    const address = email ? parseEmail(email) : undefined
    const newAddress = address === user.email ? undefined : address
    if ((newAddress || password) && isTooWeak(who)) {
      const message = 'AAL2 session is required to update email or password when MFA is enabled.'
      throw insufficientAal(401, message)
    }
    const newHash = password ? await newPassword(auth, user, password, current_password) : undefined
    const changed = await auth.sql.begin(async (sql) => {
      const changes = {
        email: newAddress,
        confirmEmail: newAddress !== undefined,
        verified: false,
        encryptedPassword: newHash,
        userMetadata: data ?? undefined,
      }
      const actions = newHash
        ? (['user_updated_password', 'user_modified'] as const)
        : (['user_modified'] as const)
      for (const action of actions) await auditEntry(sql, { action, actor: user, client })
      return updateUser(sql, user.id, changes, sessionId)
    })
    if (!changed) throw new ApiError(403, 'user_not_found', 'User from sub claim in JWT does not exist')
    return c.json(userJson(changed))
  }
}

async function newPassword(
  auth: Auth,
  user: UserRow,
  password: string,
  current: string | null | undefined,
): Promise<string> {
  checkPassword(password, auth.settings.passwordMinLength)
  if (current && !(await auth.passwords.verify(current, user.encrypted_password))) throw invalidCredentials()
  if (await auth.passwords.verify(password, user.encrypted_password)) {
    throw new ApiError(422, 'same_password', 'New password should be different from the old password.')
  }
  return auth.passwords.hash(password)
}
