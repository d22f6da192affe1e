import { ApiError } from '../errors'
import { checkMetadata, type Metadata, mergeMetadata } from './metadata'
import { type Sql, type UserRow, userColumns } from './user-row'

/** What may change of an account. What is undefined stays. */
export type UserChanges = {
  email?: string | undefined
  /** True confirms the address, the new one if it changes too. */
  confirmEmail?: boolean | undefined
  /** False when the address counts as confirmed although nobody has shown that it is theirs. */
  verified?: boolean | undefined
  encryptedPassword?: string | undefined
  userMetadata?: Metadata | undefined
  appMetadata?: Metadata | undefined
  role?: string | undefined
  /** Null lifts a ban. */
  bannedUntil?: Date | null | undefined
}

/**
 * Changes an account, inside a transaction. A new password ends all sessions but `keepSession`; a new password or
 * address makes every code that was sent before worthless. An anonymous account that gets an address has a name.
 */
export async function updateUser(
  sql: Sql,
  id: string,
  changes: UserChanges,
  keepSession: string | null,
): Promise<UserRow | undefined> {
  const [current] = await sql<UserRow[]>`
    select ${userColumns(sql)} from auth.users u where u.id = ${id} and u.deleted_at is null for update`
  if (!current) return undefined
  const { email, confirmEmail = false, encryptedPassword, role, bannedUntil } = changes
  const address = email === undefined ? {} : { email, email_verified: confirmEmail }
  const userMetadata = merged(current.raw_user_meta_data, { ...changes.userMetadata, ...address })
  const named = current.is_anonymous && email !== undefined ? { provider: 'email', providers: ['email'] } : {}
  const appMetadata = merged(current.raw_app_meta_data, { ...named, ...changes.appMetadata })
  const newPassword = encryptedPassword !== undefined
  const newAddress = email !== undefined && email !== current.email
  const voidCodes = newPassword || newAddress
  await sql`
    update auth.users set
      email = coalesce(${email ?? null}, email),
      email_confirmed_at = case when ${confirmEmail} then coalesce(email_confirmed_at, now()) else email_confirmed_at end,
      encrypted_password = coalesce(${encryptedPassword ?? null}, encrypted_password),
      raw_user_meta_data = ${JSON.stringify(userMetadata)}::text::jsonb,
      raw_app_meta_data = ${JSON.stringify(appMetadata)}::text::jsonb,
      role = coalesce(${role ?? null}, role),
      banned_until = case when ${bannedUntil !== undefined} then ${bannedUntil ?? null}::timestamptz else banned_until end,
      recovery_token = case when ${voidCodes} then '' else recovery_token end,
      confirmation_token = case when ${voidCodes} then '' else confirmation_token end,
      email_change_token_new = case when ${voidCodes} then '' else email_change_token_new end,
      email_change_token_current = case when ${voidCodes} then '' else email_change_token_current end,
      reauthentication_token = case when ${voidCodes} then '' else reauthentication_token end,
      email_change = case when ${voidCodes} then '' else email_change end,
      email_change_confirm_status = case when ${voidCodes} then 0 else email_change_confirm_status end,
      is_anonymous = is_anonymous and ${email === undefined},
      updated_at = now()
    where id = ${id}`.catch(explainTaken)
  if (email !== undefined) {
    const identity = { email, email_verified: changes.verified ?? confirmEmail }
    await sql`
      update auth.identities set identity_data = identity_data || ${JSON.stringify(identity)}::text::jsonb,
        updated_at = now()
      where user_id = ${id} and provider = 'email'`
    if (current.is_anonymous) {
      const named = { sub: id, ...identity, phone_verified: false }
      await sql`
        insert into auth.identities (provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
        values (${id}, ${id}, ${JSON.stringify(named)}::text::jsonb, 'email', now(), now(), now())
        on conflict do nothing`
    }
  }
  if (voidCodes) await sql`delete from auth.one_time_tokens where user_id = ${id}`
  if (newPassword) {
    // Sign-ins and connections that are under way were begun by whoever knew the old one.
    await sql`delete from auth.flow_state where user_id = ${id} or linking_target_id = ${id}`
    await sql`delete from auth.sessions where user_id = ${id} and id is distinct from ${keepSession}::uuid`
  }
  const [user] = await sql<UserRow[]>`select ${userColumns(sql)} from auth.users u where u.id = ${id}`
  return user
}

/** The refusal of an address that somebody else has. */
export function emailExists(): ApiError {
  return new ApiError(422, 'email_exists', 'A user with this email address has already been registered')
}

function merged(current: Metadata | null, changes: Metadata): Metadata {
  const result = mergeMetadata(current, changes)
  if (Object.keys(changes).length > 0) checkMetadata(result)
  return result
}

function explainTaken(error: unknown): never {
  const { constraint_name: constraint } = error as { constraint_name?: string }
  throw constraint === 'users_email_partial_key' ? emailExists() : error
}
