import { createHash } from 'node:crypto'
import type { Sql } from './user-row'

/** Leaves the row of an account and nothing in it that says who it was, as GoTrue does. Inside a transaction. */
export async function softDelete(sql: Sql, id: string): Promise<void> {
  const [user] = await sql<{ email: string | null; phone: string | null }[]>`
    select email, phone from auth.users where id = ${id}`
  const identities = await sql<{ id: string; provider_id: string }[]>`
    select id, provider_id from auth.identities where user_id = ${id}`
  const hidden = (value: string) =>
    createHash('sha256')
      .update(id + value)
      .digest('base64url')
  await sql`
    update auth.users set
      email = ${user?.email ? hidden(user.email) : null}, phone = ${user?.phone ? hidden(user.phone).slice(0, 15) : null},
      encrypted_password = null, email_change = '', phone_change = '', confirmation_token = '', recovery_token = '',
      email_change_token_new = '', email_change_token_current = '', reauthentication_token = '',
      phone_change_token = '', raw_user_meta_data = '{}', raw_app_meta_data = '{}',
      deleted_at = now(), updated_at = now()
    where id = ${id}`
  for (const { id: identity, provider_id } of identities) {
    await sql`
      update auth.identities set provider_id = ${hidden(provider_id)}, identity_data = '{}', updated_at = now()
      where id = ${identity}`
  }
  await sql`delete from auth.sessions where user_id = ${id}`
  await sql`delete from auth.one_time_tokens where user_id = ${id}`
  await sql`delete from auth.mfa_factors where user_id = ${id}`
  await sql`delete from auth.webauthn_credentials where user_id = ${id}`
}
