import { ApiError } from '../../errors'
import { INSTANCE } from '../audit'
import { type Amr, type AuthMethod, amrOf, newRefreshToken, type OpenSession } from '../sessions'
import { type Sql, type UserRow, userColumns } from '../user-row'
import type { InSession } from './strength'

/**
 * Notes in a session that a second factor was shown, and ends the person's sessions that have seen none, or one that
 * is gone: it may be lost together with a device that is still signed in. The session's refresh tokens from before are
 * forgotten instead of exchanged: one that was stolen then must not lead to what came after.
 */
export async function raiseSession(
  sql: Sql,
  { user, sessionId }: InSession,
  by: { factorId: string; method: AuthMethod },
): Promise<OpenSession> {
  const refreshToken = newRefreshToken()
  const [raised] = await sql`
    update auth.sessions set aal = 'aal2', factor_id = ${by.factorId}, updated_at = now()
    where id = ${sessionId} and user_id = ${user.id} and coalesce(not_after > now(), true)
    returning id`
  if (!raised) {
    throw new ApiError(403, 'session_not_found', 'Session from session_id claim in JWT does not exist')
  }
  await sql`delete from auth.refresh_tokens where session_id = ${sessionId}`
  await sql`
    insert into auth.refresh_tokens (instance_id, token, user_id, revoked, created_at, updated_at, session_id)
    values (${INSTANCE}, ${refreshToken}, ${user.id}, false, now(), now(), ${sessionId})`
  await sql`
    insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)
    values (gen_random_uuid(), ${sessionId}, now(), now(), ${by.method})
    on conflict (session_id, authentication_method) do update set updated_at = now()`
  await sql`
    delete from auth.sessions s
    where s.user_id = ${user.id} and (s.aal is null or s.aal < 'aal2' or not exists (
      select from auth.mfa_factors f where f.id = s.factor_id
    ))`
  const [person] = await sql<(UserRow & { amr: Amr[] })[]>`
    select ${userColumns(sql)}, ${amrOf(sql, sessionId)} as amr from auth.users u
    where u.id = ${user.id} and u.deleted_at is null`
  if (!person) throw new ApiError(403, 'user_not_found', 'User from sub claim in JWT does not exist')
  return { user: person, id: sessionId, aal: 'aal2', amr: person.amr, refreshToken }
}

/** Takes from sessions what a factor proved, before or after the factor is removed. */
export async function lowerSessions(sql: Sql, factor: { id: string; factor_type: string }): Promise<void> {
  const method: AuthMethod = factor.factor_type === 'totp' ? 'totp' : 'mfa/webauthn'
  await sql`
    with lowered as (
      update auth.sessions set aal = 'aal1', factor_id = null, updated_at = now()
      where factor_id = ${factor.id}
      returning id
    )
    delete from auth.mfa_amr_claims
    where authentication_method = ${method} and session_id in (select id from lowered)`
}
