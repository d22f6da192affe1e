import { z } from 'zod'
import { ApiError } from '../../errors'
import { ADMIN, auditEntry } from '../audit'
import type { Auth, AuthContext } from '../auth'
import { validationFailed } from '../auth-error'
import { requireAdmin } from '../authenticate'
import { parseEmail } from '../email'
import { checkMetadata, metadataSchema } from '../metadata'
import { checkPassword } from '../passwords'
import { type Client, clientOf, readBody } from '../request'
import { requestedTarget, siteOf } from '../site'
import { emailExists, updateUser } from '../update-user'
import { type Sql, type UserRow, userJson } from '../user-row'
import { findUserByEmail, findUserById, insertUser } from '../users'
import { inviteInto } from './invite'
import { beginEmailChange, issueOwnCode } from './issue'
import { type Issued, issueCode } from './one-time-tokens'
import { actionLink, type LinkType } from './send'

const schema = z.object({
  type: z.string().nullish(),
  email: z.string().nullish(),
  new_email: z.string().nullish(),
  password: z.string().nullish(),
  data: metadataSchema,
  redirect_to: z.string().nullish(),
})

type Made = { user: UserRow; issued: Issued }
type Given = Omit<z.infer<typeof schema>, 'email'> & { email: string; encryptedPassword: string | null }

/** `POST /admin/generate_link`: what a mail would hold, for an administrator to pass on. Works without a mail server. */
export function generateLink(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    await requireAdmin(auth, c)
    const body = await readBody(c, schema)
    const email = parseEmail(body.email ?? '')
    checkMetadata(body.data ?? {})
    const client = clientOf(c, auth.settings.trustedProxies)
    const known = await findUserByEmail(auth.sql, email)
    // A magic link for somebody new is a sign-up, whose password nobody knows.
    const type = body.type === 'magiclink' && !known ? 'signup' : (body.type ?? '')
    const encryptedPassword = await newPassword(auth, { ...body, type }, known)
    const given = { ...body, email, encryptedPassword }
    const { user, issued } = await auth.sql.begin((sql) => make(auth, sql, type, given, client))
    const target = requestedTarget(auth, c, body.redirect_to)
    const link: LinkType = type.startsWith('email_change') ? 'email_change' : (type as LinkType)
    return c.json({
      ...userJson(user),
      action_link: actionLink(siteOf(auth, c).siteUrl, issued.token, link, target),
      email_otp: issued.code,
      hashed_token: issued.token,
      verification_type: type,
      redirect_to: target,
    })
  }
}

async function newPassword(
  auth: Auth,
  { type, password }: { type: string; password?: string | null | undefined },
  known: UserRow | undefined,
): Promise<string | null> {
  if (type !== 'signup' || known?.email_confirmed_at || !password) return null
  checkPassword(password, auth.settings.passwordMinLength)
  return auth.passwords.hash(password)
}

async function make(auth: Auth, sql: Sql, type: string, given: Given, client: Client): Promise<Made> {
  const { email, data } = given
  if (type === 'invite') return inviteInto(auth, sql, email, data ?? {}, client)
  if (type === 'signup') return signUpLink(auth, sql, given, client)
  const user = await findUserByEmail(sql, email)
  if (type === 'magiclink' || type === 'recovery') {
    if (!user) throw unknownAddress()
    await auditEntry(sql, { action: 'user_recovery_requested', actor: user, client })
    const issued = await issueOwnCode(auth, sql, user, { type: 'recovery_token', method: type })
    return { user: (await findUserById(sql, user.id)) ?? user, issued }
  }
  if (type === 'email_change_current' || type === 'email_change_new') {
    if (!user) throw unknownAddress()
    return changeLink(auth, sql, user, type, parseEmail(given.new_email ?? ''))
  }
  throw validationFailed(`Invalid email action link type requested: ${type.slice(0, 50)}`)
}

async function signUpLink(auth: Auth, sql: Sql, given: Given, client: Client): Promise<Made> {
  const { email, encryptedPassword, data } = given
  const known = await findUserByEmail(sql, email)
  if (known?.email_confirmed_at) throw emailExists()
  if (known && data) await updateUser(sql, known.id, { userMetadata: data }, null)
  // Whoever signed up before has not shown that the address is theirs: their password does not come along.
  if (known) await sql`update auth.users set encrypted_password = ${encryptedPassword} where id = ${known.id}`
  const account = { email, encryptedPassword, confirmed: false, role: 'authenticated', appMetadata: {} }
  const by = { actor: ADMIN, client, action: 'user_confirmation_requested' } as const
  const id = known?.id ?? (await insertUser(sql, { ...account, userMetadata: data ?? {} }, by))
  if (!id) throw emailExists()
  const own = { id, email }
  const issued = await issueOwnCode(auth, sql, own, { type: 'confirmation_token', method: 'email/signup' })
  const user = await findUserById(sql, id)
  if (!user) throw unknownAddress()
  return { user, issued }
}

async function changeLink(
  auth: Auth,
  sql: Sql,
  user: UserRow,
  type: 'email_change_current' | 'email_change_new',
  next: string,
): Promise<Made> {
  if (type === 'email_change_current' && !auth.settings.secureEmailChange) {
    throw validationFailed('Enable secure email change to generate link for current email')
  }
  if (await findUserByEmail(sql, next)) throw emailExists()
  // The links for the two addresses are asked for one after the other, and belong to one change.
  if (user.email_change !== next) await beginEmailChange(auth, sql, user, { next })
  await sql`update auth.users set email_change_confirm_status = 0 where id = ${user.id}`
  const [code, address] =
    type === 'email_change_new'
      ? (['email_change_token_new', next] as const)
      : (['email_change_token_current', user.email ?? ''] as const)
  const issued = await issueCode(auth, sql, { userId: user.id, type: code, address })
  return { user: (await findUserById(sql, user.id)) ?? user, issued }
}

function unknownAddress(): ApiError {
  return new ApiError(404, 'user_not_found', 'User with this email not found')
}
