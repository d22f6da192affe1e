import type postgres from 'postgres'
import { ApiError } from '../errors'
import { auditEntry, INSTANCE } from './audit'
import { userBanned } from './auth-error'
import type { Client } from './request'
import { type Amr, amrOf, newRefreshToken, type OpenSession } from './sessions'
import { type Sql, type UserRow, userColumns } from './user-row'

type SessionRow = { id: string; user_id: string; aal: string | null; is_over: boolean }
type TokenRow = {
  revoked: boolean
  /** Seconds since it was exchanged. */
  age: number
  /** What the newest exchange made, and whether this token was exchanged for it. */
  active: string | null
  is_parent: boolean | null
  /** Seconds after which it was still given out for the one before it. */
  given_after: number | null
}

/**
 * Exchanges a refresh token for its successor. The session row is the lock: five tabs that come with the same token
 * take turns, the first one rotates, the others receive what the first one made, and so does whoever comes within the
 * reuse interval. An answer can also be lost for longer: the token before the active one is answered with the active
 * one at any age, as in GoTrue, but not twice in a row; two who walk in step with the same tokens are a thief and an owner.
 * Any other token that was exchanged has been copied: nobody can tell who is the thief, so the session ends.
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
    const inTime = current.age <= reuseIntervalSeconds
    const lostOnce = current.is_parent && (current.given_after ?? 0) <= reuseIntervalSeconds
    if (current.active !== null && (inTime || lostOnce)) {
      if (!inTime) await noteLostAnswer(sql, { user, client, token })
      return { user, id: session.id, aal: session.aal ?? 'aal1', amr: user.amr, refreshToken: current.active }
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

/**
 * Read after the lock was granted: before, another tab may be about to change it. A token was exchanged when its child was
 * made; `updated_at` is when it was last answered.
 */
async function loadToken(sql: Sql, token: string): Promise<TokenRow | undefined> {
  const [row] = await sql<TokenRow[]>`
    select t.revoked, active.token as active, active.parent = t.token as is_parent,
      extract(epoch from clock_timestamp() - coalesce(child.created_at, t.updated_at))::float as age,
      extract(epoch from parent.updated_at - t.created_at)::float as given_after
    from auth.refresh_tokens t
    left join auth.refresh_tokens parent on parent.token = t.parent
    left join lateral (
      select c.created_at from auth.refresh_tokens c where c.parent = t.token order by c.id limit 1
    ) child on true
    left join lateral (
      select a.token, a.parent from auth.refresh_tokens a
      where a.session_id = t.session_id and not a.revoked order by a.id desc limit 1
    ) active on true
    where t.token = ${token}`
  return row
}

/** The token that is answered late once more says so, to whoever comes late with the next one and to administrators. */
async function noteLostAnswer(
  sql: Sql,
  { user, client, token }: { user: UserRow; client: Client; token: string },
): Promise<void> {
  await sql`update auth.refresh_tokens set updated_at = clock_timestamp() where token = ${token}`
  await auditEntry(sql, { action: 'token_refreshed', actor: user, client, traits: { reason: 'lost_answer' } })
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
    values (${INSTANCE}, ${refreshToken}, ${user.id}, false, clock_timestamp(), clock_timestamp(), ${token}, ${session.id})`
}

function notFound(): ApiError {
  return refused('refresh_token_not_found', 'Refresh Token Not Found')
}

function refused(code: string, reason: string): ApiError {
  return new ApiError(400, code, `Invalid Refresh Token: ${reason}`)
}
