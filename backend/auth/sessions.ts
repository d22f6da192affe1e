import { randomBytes, randomUUID } from 'node:crypto'
import { auditEntry, INSTANCE } from './audit'
import type { Client } from './request'
import { type Sql, type UserRow, userColumns } from './user-row'

/** How a session was proved: the `amr` claim. */
export type Amr = { method: string; timestamp: number }

/** A session with what its next answer is made of. */
export type OpenSession = { user: UserRow; id: string; aal: string; amr: Amr[]; refreshToken: string }

/** Which sessions a sign-out ends. */
export type LogoutScope = 'global' | 'local' | 'others'

/** A refresh token: 256 random bits. */
export function newRefreshToken(): string {
  return randomBytes(32).toString('base64url')
}

/**
 * Signs a person in: session, first refresh token, proof and log entry in one statement. Undefined when the account
 * has gone or its password is no longer the one that was checked.
 */
export async function openSession(
  sql: Sql,
  user: Pick<UserRow, 'id' | 'email' | 'encrypted_password'>,
  client: Client,
): Promise<OpenSession | undefined> {
  const id = randomUUID()
  const refreshToken = newRefreshToken()
  const entry = { action: 'login', actor: user, client, traits: { provider: 'email' } } as const
  const [signedIn] = await sql<(UserRow & { signed_in_at: number })[]>`
    with signed_in as (
      update auth.users u set last_sign_in_at = now(), updated_at = now()
      where u.id = ${user.id} and u.encrypted_password = ${user.encrypted_password} and u.deleted_at is null
      returning ${userColumns(sql)}
    ), opened as (
      insert into auth.sessions (id, user_id, created_at, updated_at, aal, user_agent, ip)
      select ${id}::uuid, id, now(), now(), 'aal1', ${client.userAgent}, ${client.ip}::inet from signed_in
    ), issued as (
      insert into auth.refresh_tokens (instance_id, token, user_id, revoked, created_at, updated_at, session_id)
      select ${INSTANCE}::uuid, ${refreshToken}, id, false, now(), now(), ${id}::uuid from signed_in
    ), proved as (
      insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)
      select gen_random_uuid(), ${id}::uuid, now(), now(), 'password' from signed_in
    ), logged as (
      ${auditEntry(sql, entry, sql`from signed_in`)}
    )
    select *, extract(epoch from now())::int as signed_in_at from signed_in`
  if (!signedIn) return undefined
  const amr = [{ method: 'password', timestamp: signedIn.signed_in_at }]
  return { user: signedIn, id, aal: 'aal1', amr, refreshToken }
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
