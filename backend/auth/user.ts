import { z } from 'zod'
import { ApiError } from '../errors'
import { auditEntry } from './audit'
import type { Auth, AuthContext } from './auth'
import { invalidCredentials } from './auth-error'
import { authenticate } from './authenticate'
import { parseEmail } from './email'
import { insufficientAal, isTooWeak } from './factors/strength'
import { type Challenge, parseChallenge } from './flow-state'
import { sendChangeMails } from './mail/change-mails'
import { beginEmailChange } from './mail/issue'
import { nonceCheck } from './mail/nonce'
import { sendNotice } from './mail/send'
import { metadataSchema } from './metadata'
import { checkPassword } from './passwords'
import { clientOf, readBody } from './request'
import { requestedTarget } from './site'
import { emailExists, updateUser } from './update-user'
import { type UserRow, userJson } from './user-row'
import { findUserByEmail, findUserById } from './users'

const schema = z.object({
  email: z.string().nullish(),
  phone: z.string().nullish(),
  password: z.string().nullish(),
  current_password: z.string().nullish(),
  nonce: z.string().nullish(),
  code_challenge: z.string().nullish(),
  code_challenge_method: z.string().nullish(),
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

/**
 * `PUT /user`: password, metadata, and e-mail address, which counts when the mails about it are answered. Where no mails
 * are sent, an administrator changes addresses: whoever could choose one freely would choose an invited one.
 */
export function putUser(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const who = await authenticate(auth, c)
    const { user, sessionId } = who
    const body = await readBody(c, schema)
    const { email, phone, password, data, app_metadata } = body
    const client = clientOf(c, auth.settings.trustedProxies)
    auth.limits.update(client, user.id)
    if (app_metadata != null) {
      throw new ApiError(403, 'not_admin', 'Updating app_metadata requires admin privileges')
    }
    if (phone) throw new ApiError(400, 'phone_provider_disabled', 'Phone numbers are disabled')
    const address = email ? parseEmail(email) : undefined
    const next = address === user.email ? undefined : address
    if ((next || password) && isTooWeak(who)) {
      const message = 'AAL2 session is required to update email or password when MFA is enabled.'
      throw insufficientAal(401, message)
    }
    checkKind(user, { next, password })
    const change = next ? await plannedChange(auth, c, user, next, body) : undefined
    const newHash = password ? await newPassword(auth, user, password, body.current_password) : undefined
    const confirmNonce = password ? await nonceCheck(auth, user, sessionId, client, body.nonce) : undefined

    const { changed, codes } = await auth.sql.begin(async (sql) => {
      await confirmNonce?.(sql)
      const actions = newHash
        ? (['user_updated_password', 'user_modified'] as const)
        : (['user_modified'] as const)
      for (const action of actions) await auditEntry(sql, { action, actor: user, client })
      const changes = {
        ...(change?.atOnce ? { email: next, confirmEmail: true, verified: false } : {}),
        encryptedPassword: newHash,
        userMetadata: data ?? undefined,
      }
      const changed = await updateUser(sql, user.id, changes, sessionId)
      if (!next || !change || change.atOnce) return { changed }
      const codes = await beginEmailChange(auth, sql, user, { ...change, next })
      return { changed: await findUserById(sql, user.id), codes }
    })
    if (!changed) throw new ApiError(403, 'user_not_found', 'User from sub claim in JWT does not exist')
    if (newHash && user.encrypted_password) sendNotice(auth, user, 'password_changed')
    if (codes && next && change) sendChangeMails(auth, changed, next, codes, change.target)
    return c.json(userJson(changed))
  }
}

/** What GoTrue refuses to those who have no name yet, and to those whose company signs them in. */
function checkKind(
  user: UserRow,
  { next, password }: { next?: string | undefined; password: unknown },
): void {
  if (user.is_anonymous && password && !next) {
    throw new ApiError(
      422,
      'validation_failed',
      'Updating password of an anonymous user without an email or phone is not allowed',
    )
  }
  if (user.is_sso_user && (next || password)) {
    const message = 'Updating email, phone, password of a SSO account only possible via SSO'
    throw new ApiError(422, 'user_sso_managed', message)
  }
}

/** How an address becomes the person's: at once only that of an anonymous account, as in a sign-up without mails. */
async function plannedChange(
  auth: Auth,
  c: AuthContext,
  user: UserRow,
  next: string,
  body: z.infer<typeof schema>,
): Promise<{ atOnce: boolean; challenge: Challenge | null; target: string }> {
  const atOnce = user.is_anonymous && (!auth.mailer || auth.settings.emailAutoconfirm)
  if (!auth.mailer && !atOnce) {
    const message =
      'This server sends no mails to confirm a new address with: ask an administrator to change yours.'
    throw new ApiError(422, 'email_provider_disabled', message)
  }
  if (await findUserByEmail(auth.sql, next)) throw emailExists()
  if (!atOnce) {
    auth.limits.mail('email_change', user.email ?? user.id)
    // Many accounts may choose one address, whose owner has not asked for any of it.
    auth.limits.mail('email_change_to', next)
  }
  return { atOnce, challenge: parseChallenge(body), target: requestedTarget(auth, c) }
}

async function newPassword(
  auth: Auth,
  user: UserRow,
  password: string,
  current: string | null | undefined,
): Promise<string> {
  checkPassword(password, auth.settings.passwordMinLength)
  if (current && !(await auth.passwords.verify(current, user.encrypted_password, user.id)))
    throw invalidCredentials()
  if (await auth.passwords.verify(password, user.encrypted_password, user.id)) {
    throw new ApiError(422, 'same_password', 'New password should be different from the old password.')
  }
  return auth.passwords.hash(password, user.id)
}
