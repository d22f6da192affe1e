import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { auditEntry } from '../audit'
import type { Auth } from '../auth'
import type { Challenge } from '../flow-state'
import type { Metadata } from '../metadata'
import { askerOf, type Client } from '../request'
import { type Sql, type UserRow, userJson } from '../user-row'
import { findUserByEmail, findUserById, insertUser } from '../users'
import { forgetUnprovedPassword, resendConfirmation } from './ask-for-mail'
import { issueOwnCode } from './issue'
import type { Issued } from './one-time-tokens'
import { sendCode } from './send'

/** What somebody signs up with. `email` is normalized. */
export type SignUp = {
  email: string
  password: string
  userMetadata: Metadata
  challenge: Challenge | null
  target: string
  client: Client
}

type Made = { user: UserRow; issued: Issued }

/**
 * A sign-up that counts when its mail is answered. Known and unknown addresses cost the same and are answered with
 * the same: one hash, one account with its code, which is taken back where there is one already. GoTrue's stand-in
 * for a known address has no identities, by which it is told apart; ours has.
 */
export async function signUpByMail(auth: Auth, signUp: SignUp): Promise<ReturnType<typeof userJson>> {
  const { email, password } = signUp
  auth.limits.mail('signup', email)
  const by = askerOf(signUp.client)
  const existing = await findUserByEmail(auth.sql, email)
  const verifying = existing && auth.passwords.verify(password, existing.encrypted_password, by)
  const encryptedPassword = verifying ? null : await auth.passwords.hash(password, by)
  const isSame = await verifying

  const made = await auth.sql.begin(async (sql) => {
    if (existing) return { standIn: await makeStandIn(auth, sql, signUp) }
    const account = await make(auth, sql, signUp, email, encryptedPassword)
    // Somebody was faster with the same address, a moment ago.
    return account ?? { standIn: await makeStandIn(auth, sql, signUp) }
  })
  if ('user' in made) {
    const link = { type: 'signup', target: signUp.target } as const
    sendCode(auth, made.user, { kind: 'confirmation', issued: made.issued, link })
    return userJson(made.user)
  }
  auth.later.run('repeated sign-up', () => repeat(auth, signUp, isSame ?? true))
  return made.standIn
}

async function make(
  auth: Auth,
  sql: Sql,
  { userMetadata, challenge, client }: SignUp,
  email: string,
  encryptedPassword: string | null,
): Promise<Made | undefined> {
  const account = { email, encryptedPassword, confirmed: false, role: 'authenticated', appMetadata: {} }
  const by = { client, action: 'user_confirmation_requested' } as const
  const id = await insertUser(sql, { ...account, userMetadata }, by)
  if (!id) return undefined
  const method = 'email/signup'
  const issued = await issueOwnCode(
    auth,
    sql,
    { id, email },
    { type: 'confirmation_token', challenge, method },
  )
  const user = await findUserById(sql, id)
  return user && { user, issued }
}

/** What a new account would have looked like: one is made under an address of nobody's, and taken back. */
async function makeStandIn(auth: Auth, sql: postgres.TransactionSql, signUp: SignUp) {
  const { email, client } = signUp
  const other = `${randomUUID()}@${email.split('@')[1]}`
  const takenBack = new Error('taken back')
  let json = {} as ReturnType<typeof userJson>
  const inserting = sql.savepoint(async (inner) => {
    const made = await make(auth, inner, signUp, other, null)
    if (made) json = JSON.parse(JSON.stringify(userJson(made.user)).replaceAll(other, email))
    throw takenBack
  })
  await inserting.catch((error: unknown) => {
    if (error !== takenBack) throw error
  })
  const actor = { id: json.id, email }
  await auditEntry(sql, { action: 'user_repeated_signup', actor, client, traits: { provider: 'email' } })
  return json
}

/** The person may have lost the first mail. A password that somebody else may have chosen is forgotten. */
async function repeat(auth: Auth, signUp: SignUp, isSame: boolean): Promise<void> {
  const user = await findUserByEmail(auth.sql, signUp.email)
  if (!user || user.email_confirmed_at) return
  if (!isSame) await auth.sql.begin((sql) => forgetUnprovedPassword(sql, user.id))
  await resendConfirmation(auth, user, signUp)
}
