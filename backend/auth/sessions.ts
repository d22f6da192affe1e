import { randomBytes, randomUUID } from 'node:crypto'
import { auditEntry, INSTANCE } from './audit'
import type { Client } from './request'
import { type Sql, type UserRow, userColumns } from './user-row'

/** GoTrue's names for the ways of proving who one is. */
export type AuthMethod =
  | 'password'
  | 'otp'
  | 'magiclink'
  | 'recovery'
  | 'invite'
  | 'email/signup'
  | 'email_change'
  | 'oauth'
  | 'sso/saml'
  | 'anonymous'
  | 'totp'
  | 'mfa/webauthn'
  | 'passkey'

/** How a session was proved: the `amr` claim. */
export type Amr = { method: string; timestamp: number; provider?: string }

/** A session with what its next answer is made of. */
export type OpenSession = { user: UserRow; id: string; aal: string; amr: Amr[]; refreshToken: string }

/** The proofs of a session, the latest first, as a column. */
export function amrOf(sql: Sql, sessionId: string) {
  return sql`(
    select coalesce(json_agg(json_build_object(
      'method', authentication_method, 'timestamp', extract(epoch from updated_at)::int
    ) order by updated_at desc), '[]')
    from auth.mfa_amr_claims where session_id = ${sessionId}
  )`
}

/** Which sessions a sign-out ends. */
export type LogoutScope = 'global' | 'local' | 'others'

/** A refresh token: 256 random bits. */
export function newRefreshToken(): string {
  return randomBytes(32).toString('base64url')
}

/** How a person proved who they are. */
export type Proof = {
  client: Client
  method: AuthMethod
  /** What the log names; `email` unless somebody else vouched for them. */
  provider?: string
  /** The hash that was compared: a session is opened only while it is still the account's. */
  passwordHash?: string | null
}

/**
 * Signs a person in: session, first refresh token, proof and log entry in one statement. Undefined when the account
 * has gone, was banned, or its password is no longer the one that was checked.
 */
export async function openSession(
  sql: Sql,
  user: Pick<UserRow, 'id' | 'email'>,
  { client, method, provider = 'email', passwordHash }: Proof,
): Promise<OpenSession | undefined> {
  const id = randomUUID()
  const refreshToken = newRefreshToken()
  const entry = { action: 'login', actor: user, client, traits: { provider } } as const
  const samePassword =
    passwordHash === undefined ? sql`` : sql`and u.encrypted_password is not distinct from ${passwordHash}`
  const [signedIn] = await sql<(UserRow & { signed_in_at: number })[]>`
    with signed_in as (
      update auth.users u set last_sign_in_at = now(), updated_at = now()
      where u.id = ${user.id} and u.deleted_at is null and coalesce(u.banned_until <= now(), true) ${samePassword}
      returning ${userColumns(sql)}
    ), opened as (
      insert into auth.sessions (id, user_id, created_at, updated_at, aal, user_agent, ip)
      select ${id}::uuid, id, now(), now(), 'aal1', ${client.userAgent}, ${client.ip}::inet from signed_in
    ), issued as (
      insert into auth.refresh_tokens (instance_id, token, user_id, revoked, created_at, updated_at, session_id)
      select ${INSTANCE}::uuid, ${refreshToken}, id, false, now(), now(), ${id}::uuid from signed_in
    ), proved as (
      insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)
      select gen_random_uuid(), ${id}::uuid, now(), now(), ${method} from signed_in
    ), logged as (
      ${auditEntry(sql, entry, sql`from signed_in`)}
    )
    select *, extract(epoch from now())::int as signed_in_at from signed_in`
  if (!signedIn) return undefined
  return {
    user: signedIn,
    id,
    aal: 'aal1',
    amr: [{ method, timestamp: signedIn.signed_in_at }],
    refreshToken,
  }
}

/** Ends sessions of a person; their refresh tokens go with them. */
export async function closeSessions(
  sql: Sql,
  user: Pick<UserRow, 'id' | 'email'>,
  sessionId: string | null,
  scope: LogoutScope,
): Promise<void> {
  // A token without a session cannot say which one is its own, so only all of them are left to end.
  const which =
    sessionId === null || scope === 'global'
      ? sql``
      : scope === 'local'
        ? sql`and id = ${sessionId}`
        : sql`and id <> ${sessionId}`
  await sql`delete from auth.sessions where user_id = ${user.id} ${which}`
}
