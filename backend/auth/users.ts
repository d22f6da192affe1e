import { randomUUID } from 'node:crypto'
import { auditEntry, INSTANCE } from './audit'
import type { Client } from './request'
import { type Sql, type UserRow, userColumns } from './user-row'

/** What a new account is made of. `email` is normalized; null where there is none. */
export type NewUser = {
  id?: string | undefined
  /** Null for somebody of whom a provider tells no address. */
  email: string | null
  /** Null where nobody may sign in with a password. */
  encryptedPassword: string | null
  confirmed: boolean
  /** Whether somebody has shown that the address is theirs; an account may count as confirmed without. */
  verified?: boolean
  invited?: boolean
  /** Somebody who has said nothing of themselves, and has no identity until they do. */
  isAnonymous?: boolean
  role: string
  userMetadata: Record<string, unknown>
  appMetadata: Record<string, unknown>
  /** Who vouches for this person; without, they do so themselves with an e-mail identity. */
  identity?: NewIdentity
  /** Accounts of single sign-on may share an address with others. */
  isSsoUser?: boolean
}

/** An identity at a provider. */
export type NewIdentity = { provider: string; providerId: string; data: Record<string, unknown> }

/** The account that signs in with a password under this address. */
export async function findUserByEmail(sql: Sql, email: string): Promise<UserRow | undefined> {
  const [user] = await sql<UserRow[]>`
    select ${userColumns(sql)} from auth.users u
    where u.email = ${email} and not u.is_sso_user and u.deleted_at is null`
  return user
}

/** The account with this id. */
export async function findUserById(sql: Sql, id: string): Promise<UserRow | undefined> {
  const [user] = await sql<UserRow[]>`
    select ${userColumns(sql)} from auth.users u where u.id = ${id} and u.deleted_at is null`
  return user
}

/**
 * Adds an account with its first identity; undefined when the address or the id is taken. GoTrue reads these rows
 * too, and cannot read null in the columns that hold '' here.
 */
export async function insertUser(
  sql: Sql,
  user: NewUser,
  by: {
    actor?: { id: string; email: string | null }
    client: Client
    action?: 'user_signedup' | 'user_confirmation_requested' | 'user_invited'
  },
): Promise<string | undefined> {
  const id = user.id ?? randomUUID()
  const anonymous = user.isAnonymous ?? false
  const identity = user.identity ?? emailIdentity(id, user)
  const provider = anonymous ? 'anonymous' : identity.provider
  const shown = user.identity ? identity.data : { ...identity.data, email_verified: user.confirmed }
  const userMetadata = { ...user.userMetadata, ...(anonymous ? {} : shown) }
  const appMetadata = { ...(anonymous ? {} : { provider, providers: [provider] }), ...user.appMetadata }
  const actor = by.actor ?? { id, email: user.email }
  const traits = by.actor ? { user_id: id, user_email: user.email ?? '', user_phone: '' } : { provider }
  const entry = { action: by.action ?? 'user_signedup', actor, client: by.client, traits } as const
  const [created] = await sql<{ id: string }[]>`
    with created as (
      insert into auth.users (
        instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, is_super_admin, is_sso_user,
        raw_app_meta_data, raw_user_meta_data, created_at, updated_at,
        confirmation_token, recovery_token, email_change_token_new, email_change, is_anonymous, invited_at
      ) values (
        ${INSTANCE}, ${id}, 'authenticated', ${user.role}, ${user.email}, ${user.encryptedPassword},
        ${user.confirmed ? sql`now()` : null}, false, ${user.isSsoUser ?? false},
        ${JSON.stringify(appMetadata)}::text::jsonb, ${JSON.stringify(userMetadata)}::text::jsonb, now(), now(),
        '', '', '', '', ${anonymous}, ${user.invited ? sql`now()` : null}
      )
      on conflict do nothing
      returning id
    ), identity as (
      insert into auth.identities (provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
      select ${identity.providerId}, id, ${JSON.stringify(identity.data)}::text::jsonb, ${provider}, now(), now(), now()
      from created where not ${anonymous}
    ), logged as (
      ${auditEntry(sql, entry, sql`from created`)}
    )
    select id from created`
  return created?.id
}

/**
 * In an installation without a mail server accounts confirm themselves. Their addresses are not proved by that, and
 * whoever proves one later must not find somebody else in the account.
 */
function emailIdentity(id: string, { email, confirmed, verified = confirmed }: NewUser): NewIdentity {
  const data = { sub: id, email, email_verified: verified, phone_verified: false }
  return { provider: 'email', providerId: id, data }
}
