import { auditEntry } from '../audit'
import type { Auth } from '../auth'
import type { Client } from '../request'
import { updateUser } from '../update-user'
import type { Sql, UserRow } from '../user-row'
import type { CodeType } from './codes'
import type { Proved } from './one-time-tokens'

/** Which codes a `type` of `verify` accepts. A magic link for a new account is a confirmation. */
export const ACCEPTED: Readonly<Record<string, CodeType[]>> = {
  signup: ['confirmation_token'],
  invite: ['confirmation_token'],
  recovery: ['recovery_token'],
  magiclink: ['recovery_token', 'confirmation_token'],
  email: ['confirmation_token', 'recovery_token'],
  email_change: ['email_change_token_current', 'email_change_token_new'],
}

/** GoTrue's words for a change of address that one of two mails has confirmed. */
export const HALF_CONFIRMED =
  'Confirmation link accepted. Please proceed to confirm link sent to the other email'

/** What a code has led to: whoever is signed in now, or half of a change of address. */
export type Outcome = { user: UserRow; half: boolean; changedFrom?: string | null }

/** Does what a code stands for, inside the transaction that used it up. */
export async function prove(auth: Auth, sql: Sql, proved: Proved, client: Client): Promise<Outcome> {
  const { user, type } = proved
  if (type === 'email_change_token_new' || type === 'email_change_token_current') {
    return proveChange(auth, sql, proved, client)
  }
  if (!user.email_confirmed_at) await confirm(sql, proved, client)
  return { user, half: false }
}

/** Both addresses of a change agree, in any order, when the settings ask for both. */
async function proveChange(auth: Auth, sql: Sql, { user }: Proved, client: Client): Promise<Outcome> {
  const both = auth.settings.secureEmailChange && user.email && !user.email_change_confirm_status
  if (both) {
    await sql`update auth.users set email_change_confirm_status = 1, updated_at = now() where id = ${user.id}`
    return { user, half: true }
  }
  await auditEntry(sql, { action: 'user_modified', actor: user, client })
  const changed = await updateUser(sql, user.id, { email: user.email_change ?? '', confirmEmail: true }, null)
  return { user: changed ?? user, half: false, changedFrom: user.email }
}

/**
 * An account counts from now on. One that was confirmed by another mail than that of its own sign-up loses the
 * password it was made with: whoever chose that never showed that the address is theirs.
 */
async function confirm(sql: Sql, { user, type }: Proved, client: Client): Promise<void> {
  const verified = JSON.stringify({ email_verified: true })
  const forget = type !== 'confirmation_token'
  await sql`
    update auth.users set email_confirmed_at = now(), updated_at = now(),
      raw_user_meta_data = coalesce(raw_user_meta_data, '{}') || ${verified}::text::jsonb,
      encrypted_password = case when ${forget} then null else encrypted_password end
    where id = ${user.id}`
  await sql`
    update auth.identities set identity_data = identity_data || ${verified}::text::jsonb, updated_at = now()
    where user_id = ${user.id} and provider = 'email'`
  const action = user.invited_at ? 'invite_accepted' : 'user_signedup'
  await auditEntry(sql, { action, actor: user, client, traits: { provider: 'email' } })
}
