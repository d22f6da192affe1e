import { ApiError } from '../../errors'
import type { Auth } from '../auth'
import { userBanned } from '../auth-error'
import { checkMetadata } from '../metadata'
import type { Client } from '../request'
import { updateUser } from '../update-user'
import type { Sql } from '../user-row'
import { findUserById, insertUser } from '../users'
import { addIdentity, refreshProviders } from './identity'
import { type Decision, decide, isTaken } from './linking'
import type { Profile } from './profile'

/** A person as another site vouches for them. */
export type Arrival = {
  /** `google`, `custom:okta`, `sso:<id>`. */
  provider: string
  profile: Profile
  /** Whether somebody without an address is let in. */
  emailOptional?: boolean
  client: Client
}

/**
 * The account of whoever arrives, made or connected where needed, inside a transaction. Throws when they may not
 * come in; nothing is kept then.
 */
export async function accountOf(auth: Auth, sql: Sql, arrival: Arrival): Promise<string> {
  const { provider, profile } = arrival
  const { subject, emails, data } = profile
  checkMetadata(data)
  // Two arrivals of one person take turns, else each would make an account.
  for (const key of [`${provider} ${subject}`, ...emails.map(({ email }) => email)].sort()) {
    await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 20))`
  }
  const decision = await decide(sql, provider, subject, emails)
  if (decision.is === 'new') return create(auth, sql, arrival, decision)
  const { userId } = decision
  const user = await findUserById(sql, userId)
  if (!user || user.is_banned) throw userBanned(403)
  if (decision.is === 'known') {
    await sql`
      update auth.identities set identity_data = ${JSON.stringify(data)}::text::jsonb, last_sign_in_at = now(),
        updated_at = now()
      where id = ${decision.identityId}`
    // An address that is not confirmed stays so until the provider, or a mail, confirms it.
    if (!user.email_confirmed_at && user.email) requireVerified(arrival, user.email)
  } else {
    if (!(await isProved(sql, userId))) await evict(sql, userId)
    await addIdentity(sql, userId, { provider, providerId: subject, data })
  }
  const confirms = emails.some(({ email, verified }) => verified && email === user.email)
  await updateUser(sql, userId, { userMetadata: data, confirmEmail: confirms }, null)
  await refreshProviders(sql, userId)
  return userId
}

async function create(
  auth: Auth,
  sql: Sql,
  arrival: Arrival,
  { email }: Extract<Decision, { is: 'new' }>,
): Promise<string> {
  const { provider, profile, client } = arrival
  if (auth.settings.disableSignup) {
    throw new ApiError(422, 'signup_disabled', 'Signups not allowed for this instance')
  }
  if (!email && !arrival.emailOptional) {
    throw new ApiError(500, 'unexpected_failure', 'Error getting user email from external provider')
  }
  const isSsoUser = provider.startsWith('sso:')
  if (email && !email.verified) {
    // Where sign-ups confirm themselves, an address that nobody has is as good here as there. GoTrue goes further
    // and leaves an account without an address behind when somebody has it.
    const confirmsItself = auth.settings.emailAutoconfirm || auth.mailer === null
    const free = confirmsItself && !(await isTaken(sql, email.email))
    if (!free) throw unverified(provider)
  }
  const id = await insertUser(
    sql,
    {
      email: email?.email ?? null,
      encryptedPassword: null,
      confirmed: email !== null,
      role: 'authenticated',
      userMetadata: {},
      appMetadata: {},
      identity: { provider, providerId: profile.subject, data: profile.data },
      isSsoUser,
    },
    { client },
  )
  if (!id) throw unverified(provider)
  return id
}

/** Whether somebody has shown that the account's address is theirs. */
async function isProved(sql: Sql, userId: string): Promise<boolean> {
  const [row] = await sql<{ proved: boolean }[]>`
    select u.email_confirmed_at is not null and exists (
      select from auth.identities i
      where i.user_id = u.id and i.email = u.email and i.identity_data -> 'email_verified' = 'true'
    ) as proved
    from auth.users u where u.id = ${userId} for update`
  return row?.proved ?? false
}

/**
 * Makes an account safe for the owner of its address: whoever made it before them may have been somebody else, who
 * waits for them to come. Every way in that was there ends: password, identities, sessions, codes, factors, passkeys,
 * and what was begun to become one.
 */
async function evict(sql: Sql, userId: string): Promise<void> {
  await sql`delete from auth.identities where user_id = ${userId}`
  await sql`delete from auth.sessions where user_id = ${userId}`
  await sql`delete from auth.one_time_tokens where user_id = ${userId}`
  await sql`delete from auth.flow_state where user_id = ${userId} or linking_target_id = ${userId}`
  await sql`delete from auth.mfa_factors where user_id = ${userId}`
  await sql`delete from auth.webauthn_credentials where user_id = ${userId}`
  await sql`
    update auth.users set encrypted_password = null, raw_user_meta_data = '{}', confirmation_token = '',
      recovery_token = '', email_change = '', email_change_token_new = '', email_change_token_current = '',
      reauthentication_token = '', is_anonymous = false
    where id = ${userId}`
}

function requireVerified({ provider, profile }: Arrival, address: string): void {
  const verified = profile.emails.some(({ email, verified }) => verified && email === address)
  if (!verified) throw unverified(provider)
}

function unverified(provider: string): ApiError {
  return new ApiError(
    422,
    'provider_email_needs_verification',
    `Unverified email with ${provider}. Verify the email with ${provider} in order to sign in`,
  )
}
