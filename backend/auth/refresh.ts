import type postgres from 'postgres'
import { ApiError } from '../errors'
import { auditEntry, INSTANCE } from './audit'
import { userBanned } from './auth-error'
import type { Client } from './request'
import { type Amr, amrOf, newRefreshToken, type OpenSession } from './sessions'
import { type Sql, type UserRow, userColumns } from './user-row'

type SessionRow = { id: string; user_id: string; aal: string | null; is_over: boolean }
type TokenRow = { id: string; revoked: boolean; age_seconds: number; active: string | null }

/**
 * Exchanges a refresh token for its successor. The session row is the lock: five tabs that come with the same token
 * take turns, the first one rotates, the others receive what the first one made. A token that was exchanged longer
 * ago than the reuse interval has been copied: nobody can tell who is the thief, so the session ends. GoTrue makes an
 * exception for the parent of the newest token, at any age; a stolen parent would be good for as long as its owner is
 * away, so there is none here.
 */
export async function refreshSession(
  pool: postgres.Sql,
  token: string,
  client: Client,
  reuseIntervalSeconds: number,
): Promise<OpenSession> {
  const result = await pool.begin(async (sql) => {
    const session = await lockSession(sql, token)
    if (!session) return notFound()
    if (session.is_over) return refused('session_expired', 'Session Expired')
    const user = await loadUser(sql, session)
    if (!user) return notFound()
    if (user.is_banned) return userBanned(400)

    const current = await loadToken(sql, token)
    if (!current) return notFound()
    if (!current.revoked) {
      const refreshToken = newRefreshToken()
      await rotate(sql, { session, user, client, token, refreshToken })
      return { user, id: session.id, aal: session.aal ?? 'aal1', amr: user.amr, refreshToken }
    }
    if (current.active !== null && current.age_seconds <= reuseIntervalSeconds) {
      const refreshToken = current.active
      return { user, id: session.id, aal: session.aal ?? 'aal1', amr: user.amr, refreshToken }
    }
    await sql`delete from auth.sessions where id = ${session.id}`
    await auditEntry(sql, { action: 'token_revoked', actor: user, client, traits: { reason: 'reuse' } })
    return refused('refresh_token_already_used', 'Already Used')
  })
  // Thrown here and not inside, where it would roll the end of a stolen session back.
  if (result instanceof ApiError) throw result
  return result
}

async function lockSession(sql: Sql, token: string): Promise<SessionRow | undefined> {
  const [session] = await sql<SessionRow[]>`
    select id, user_id, aal, coalesce(not_after <= now(), false) as is_over from auth.sessions
    where id = (select session_id from auth.refresh_tokens where token = ${token})
    for update`
  return session
}

async function loadUser(sql: Sql, session: SessionRow): Promise<(UserRow & { amr: Amr[] }) | undefined> {
  const [user] = await sql<(UserRow & { amr: Amr[] })[]>`
    select ${userColumns(sql)}, ${amrOf(sql, session.id)} as amr
    from auth.users u where u.id = ${session.user_id} and u.deleted_at is null`
  return user
}

/** Read after the lock was granted: before, another tab may be about to change it. */
async function loadToken(sql: Sql, token: string): Promise<TokenRow | undefined> {
  const [row] = await sql<TokenRow[]>`
    select t.id, t.revoked, extract(epoch from clock_timestamp() - t.updated_at)::float as age_seconds, (
      select a.token from auth.refresh_tokens a
      where a.session_id = t.session_id and not a.revoked order by a.id desc limit 1
    ) as active
    from auth.refresh_tokens t where t.token = ${token}`
  return row
}

async function rotate(
  sql: Sql,
  next: { session: SessionRow; user: UserRow; client: Client; token: string; refreshToken: string },
): Promise<void> {
  const { session, user, client, token, refreshToken } = next
  await sql`
    with used as (
      update auth.refresh_tokens set revoked = true, updated_at = clock_timestamp() where token = ${token}
    ), seen as (
      update auth.sessions set refreshed_at = now() at time zone 'utc', updated_at = now(),
        user_agent = ${client.userAgent}, ip = ${client.ip}::inet
      where id = ${session.id}
    ), logged as (
      ${auditEntry(sql, { action: 'token_refreshed', actor: user, client })}
    )
    insert into auth.refresh_tokens (instance_id, token, user_id, revoked, created_at, updated_at, parent, session_id)
    values (${INSTANCE}, ${refreshToken}, ${user.id}, false, now(), now(), ${token}, ${session.id})`
}

function notFound(): ApiError {
  return refused('refresh_token_not_found', 'Refresh Token Not Found')
}

function refused(code: string, reason: string): ApiError {
  return new ApiError(400, code, `Invalid Refresh Token: ${reason}`)
}
