import { z } from 'zod'
import { ApiError } from '../../errors'
import { auditEntry } from '../audit'
import type { Auth, AuthContext } from '../auth'
import { noMail, validationFailed } from '../auth-error'
import { authenticate } from '../authenticate'
import { parseEmail } from '../email'
import { type Challenge, parseChallenge } from '../flow-state'
import { checkMetadata, metadataSchema } from '../metadata'
import { type Client, clientOf, readBody } from '../request'
import { requestedTarget } from '../site'
import type { Sql, UserRow } from '../user-row'
import { findUserByEmail, findUserById, insertUser } from '../users'
import { sendChangeMails } from './change-mails'
import { beginEmailChange, issueOwnCode } from './issue'
import { issueCode, lockUser } from './one-time-tokens'
import { sendCode } from './send'

// Whoever asks for a mail by address is answered before anything is done that depends on whether there is an account:
// GoTrue answers sooner, and with other errors, when there is none.

const schema = z.object({
  email: z.string().nullish(),
  phone: z.string().nullish(),
  channel: z.string().nullish(),
  create_user: z.boolean().nullish(),
  data: metadataSchema,
  type: z.string().nullish(),
  code_challenge: z.string().nullish(),
  code_challenge_method: z.string().nullish(),
})

type Asked = { challenge: Challenge | null; target: string; client: Client }

/** `POST /recover`. */
export function recover(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const body = await readBody(c, schema)
    if (!body.email) throw validationFailed('Password recovery requires an email')
    return answerFirst(auth, c, body, 'sign-in', async (user, asked) => {
      if (!user) return
      const issued = await auth.sql.begin(async (sql) => {
        await auditEntry(sql, { action: 'user_recovery_requested', actor: user, client: asked.client })
        return issueOwnCode(auth, sql, user, { ...asked, type: 'recovery_token', method: 'recovery' })
      })
      const link = { type: 'recovery', target: asked.target } as const
      sendCode(auth, user, { kind: 'recovery', issued, link })
    })
  }
}

/** `POST /otp` and `POST /magiclink`: a link and a code to sign in with. */
export function signInByMail(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const body = await readBody(c, schema)
    if (body.email && body.phone) {
      throw validationFailed('Only an email address or phone number should be provided')
    }
    if (body.phone) throw new ApiError(400, 'phone_provider_disabled', 'Unsupported phone provider')
    if (!body.email) throw validationFailed('One of email or phone must be set')
    const email = parseEmail(body.email)
    const userMetadata = body.data ?? {}
    checkMetadata(userMetadata)
    const mayCreate = body.create_user !== false && !auth.settings.disableSignup
    return answerFirst(auth, c, body, 'sign-in', async (found, asked) => {
      if (found?.email_confirmed_at) return sendMagicLink(auth, found, asked)
      if (!found && !mayCreate) return
      const { user, issued } = await auth.sql.begin(async (sql) => {
        const user = found ?? (await createUnconfirmed(sql, email, userMetadata, asked.client))
        if (found) await forgetUnprovedPassword(sql, found.id)
        const method = 'email/signup'
        return {
          user,
          issued: await issueOwnCode(auth, sql, user, { ...asked, type: 'confirmation_token', method }),
        }
      })
      sendCode(auth, user, { kind: 'confirmation', issued, link: { type: 'signup', target: asked.target } })
    })
  }
}

/** `POST /resend`: the mail of a sign-up or of a change of address once more. */
export function resend(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const body = await readBody(c, schema)
    const { type, email, phone } = body
    if (!['signup', 'email_change', 'sms', 'phone_change'].includes(type ?? '')) {
      throw validationFailed('Missing one of these types: signup, email_change, sms, phone_change')
    }
    if (phone || type === 'sms' || type === 'phone_change') {
      throw new ApiError(400, 'phone_provider_disabled', 'Phone logins are disabled')
    }
    if (!email) throw validationFailed('Type provided requires an email address')
    const kind = type === 'signup' ? 'signup' : 'email_change'
    return answerFirst(auth, c, body, kind, async (user, asked) => {
      if (!user) return
      if (kind === 'signup' && !user.email_confirmed_at) await resendConfirmation(auth, user, asked)
      if (kind === 'email_change' && user.email_change) {
        const next = user.email_change
        if (!auth.limits.mayMail('email_change_to', next)) return
        const codes = await auth.sql.begin((sql) => beginEmailChange(auth, sql, user, { ...asked, next }))
        sendChangeMails(auth, user, next, codes, asked.target)
      }
    })
  }
}

/** `GET /reauthenticate`: a code that shows it is still the same person. */
export function reauthenticate(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const { user } = await authenticate(auth, c)
    if (!auth.mailer) throw noMail()
    if (!user.email) {
      throw new ApiError(
        422,
        'validation_failed',
        'Reauthentication requires the user to have an email or a phone number',
      )
    }
    if (!user.email_confirmed_at) {
      throw new ApiError(422, 'email_not_confirmed', 'Please verify your email first.')
    }
    auth.limits.mail('reauthentication', user.email)
    const client = clientOf(c, auth.settings.trustedProxies)
    const address = user.email
    const issued = await auth.sql.begin(async (sql) => {
      await auditEntry(sql, { action: 'user_reauthenticate_requested', actor: user, client })
      return issueCode(auth, sql, { userId: user.id, type: 'reauthentication_token', address })
    })
    sendCode(auth, user, { kind: 'reauthentication', issued })
    return c.json({})
  }
}

/** The confirmation of a sign-up once more, for an account that waits for it. */
export async function resendConfirmation(auth: Auth, user: UserRow, asked: Asked): Promise<void> {
  const issued = await auth.sql.begin(async (sql) => {
    await auditEntry(sql, { action: 'user_confirmation_requested', actor: user, client: asked.client })
    return issueOwnCode(auth, sql, user, { ...asked, type: 'confirmation_token', method: 'email/signup' })
  })
  const link = { type: user.invited_at ? 'invite' : 'signup', target: asked.target } as const
  sendCode(auth, user, { kind: user.invited_at ? 'invite' : 'confirmation', issued, link })
}

/** Nobody has shown yet that the address is theirs: a password that somebody chose for it must not outlive that. */
export async function forgetUnprovedPassword(sql: Sql, id: string): Promise<void> {
  const user = await lockUser(sql, id)
  if (user?.email_confirmed_at) return
  await sql`update auth.users set encrypted_password = null where id = ${id}`
}

async function answerFirst(
  auth: Auth,
  c: AuthContext,
  body: z.infer<typeof schema>,
  kind: string,
  work: (user: UserRow | undefined, asked: Asked) => Promise<void>,
): Promise<Response> {
  const client = clientOf(c, auth.settings.trustedProxies)
  if (!auth.mailer) throw noMail()
  const email = parseEmail(body.email ?? '')
  const asked = { challenge: parseChallenge(body), target: requestedTarget(auth, c), client }
  auth.limits.otp(client)
  auth.limits.mail(kind, email)
  const user = await findUserByEmail(auth.sql, email)
  auth.later.run(kind, () => work(user, asked))
  return c.json({})
}

async function sendMagicLink(auth: Auth, user: UserRow, asked: Asked): Promise<void> {
  const issued = await auth.sql.begin(async (sql) => {
    await auditEntry(sql, { action: 'user_recovery_requested', actor: user, client: asked.client })
    return issueOwnCode(auth, sql, user, { ...asked, type: 'recovery_token', method: 'magiclink' })
  })
  sendCode(auth, user, { kind: 'magic_link', issued, link: { type: 'magiclink', target: asked.target } })
}

async function createUnconfirmed(
  sql: Sql,
  email: string,
  userMetadata: Record<string, unknown>,
  client: Client,
): Promise<UserRow> {
  const account = { email, encryptedPassword: null, confirmed: false, role: 'authenticated' }
  const by = { client, action: 'user_confirmation_requested' } as const
  const id = await insertUser(sql, { ...account, userMetadata, appMetadata: {} }, by)
  const user = id && (await findUserById(sql, id))
  if (!user) throw new Error('the address was taken meanwhile')
  return user
}
