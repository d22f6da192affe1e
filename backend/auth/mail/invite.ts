import { z } from 'zod'
import { ADMIN, auditEntry } from '../audit'
import type { Auth, AuthContext } from '../auth'
import { noMail } from '../auth-error'
import { requireAdmin } from '../authenticate'
import { parseEmail } from '../email'
import { checkMetadata, type Metadata, metadataSchema } from '../metadata'
import { type Client, clientOf, readBody } from '../request'
import { requestedTarget } from '../site'
import { emailExists } from '../update-user'
import { type Sql, type UserRow, userJson } from '../user-row'
import { findUserByEmail, findUserById, insertUser } from '../users'
import { issueOwnCode } from './issue'
import type { Issued } from './one-time-tokens'
import { sendCode } from './send'

const schema = z.object({ email: z.string().nullish(), data: metadataSchema })

/** `POST /invite`: an account for somebody, which they take over with the link of a mail. */
export function invite(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    await requireAdmin(auth, c)
    const body = await readBody(c, schema)
    const email = parseEmail(body.email ?? '')
    if (!auth.mailer) throw noMail()
    auth.limits.anyMail()
    const client = clientOf(c, auth.settings.trustedProxies)
    const { user, issued } = await auth.sql.begin((sql) =>
      inviteInto(auth, sql, email, body.data ?? {}, client),
    )
    const link = { type: 'invite', target: requestedTarget(auth, c) } as const
    sendCode(auth, user, { kind: 'invite', issued, link })
    return c.json(userJson(user))
  }
}

/** The invited account, made now unless it waits already, and its code. Inside a transaction. */
export async function inviteInto(
  auth: Pick<Auth, 'codes'>,
  sql: Sql,
  email: string,
  userMetadata: Metadata,
  client: Client,
): Promise<{ user: UserRow; issued: Issued }> {
  checkMetadata(userMetadata)
  const existing = await findUserByEmail(sql, email)
  if (existing?.email_confirmed_at) throw emailExists()
  const account = { email, encryptedPassword: null, confirmed: false, role: 'authenticated' }
  const by = { actor: ADMIN, client, action: 'user_invited' } as const
  const id = existing
    ? existing.id
    : await insertUser(sql, { ...account, invited: true, userMetadata, appMetadata: {} }, by)
  if (!id) throw emailExists()
  if (existing) {
    const traits = { user_id: id, user_email: email }
    await auditEntry(sql, { action: 'user_invited', actor: ADMIN, client, traits })
    // Whoever signed up before has not shown that the address is theirs: their password does not come along.
    await sql`update auth.users set invited_at = now(), encrypted_password = null where id = ${id}`
  }
  const own = { id, email }
  const issued = await issueOwnCode(auth, sql, own, { type: 'confirmation_token', method: 'invite' })
  const user = await findUserById(sql, id)
  if (!user) throw emailExists()
  return { user, issued }
}
