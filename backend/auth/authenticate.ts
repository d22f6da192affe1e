import { bearerToken, isKey } from '../caller'
import { ApiError } from '../errors'
import { TokenError } from '../token-claims'
import type { Claims } from '../tokens'
import type { Auth, AuthContext } from './auth'
import { userBanned } from './auth-error'
import { type UserRow, userColumns } from './user-row'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** A person and the session that their token names. */
export type Authenticated = {
  user: UserRow
  sessionId: string | null
  /** Whether a second factor was shown: the session says so, and so did it when this token was made. */
  aal: 'aal1' | 'aal2'
}

/** The person behind the request: a valid token of an account that exists, is not banned, in a session that is open. */
export async function authenticate(auth: Auth, c: AuthContext): Promise<Authenticated> {
  const { sub, session_id: sessionId, aal } = await bearerClaims(auth, c)
  if (!sub) throw badJwt('invalid claim: missing sub claim')
  if (!isUuid(sub)) throw badJwt('invalid claim: sub claim must be a UUID')
  if (sessionId !== undefined && !isUuid(sessionId)) {
    throw badJwt('invalid claim: session_id claim must be a UUID')
  }
  const [user] = await auth.sql<(UserRow & { has_session: boolean; session_aal: string | null })[]>`
    select ${userColumns(auth.sql)}, s.id is not null as has_session, s.aal as session_aal
    from auth.users u left join auth.sessions s
      on s.id = ${sessionId ?? null}::uuid and s.user_id = u.id and coalesce(s.not_after > now(), true)
    where u.id = ${sub} and u.deleted_at is null`
  if (!user) throw new ApiError(403, 'user_not_found', 'User from sub claim in JWT does not exist')
  if (sessionId !== undefined && !user.has_session) {
    throw new ApiError(403, 'session_not_found', 'Session from session_id claim in JWT does not exist')
  }
  if (user.is_banned) throw userBanned(403)
  // A token from before the second factor was shown may be in other hands than the one that showed it.
  const isStrong = user.session_aal === 'aal2' && aal === 'aal2'
  return { user, sessionId: sessionId ?? null, aal: isStrong ? 'aal2' : 'aal1' }
}

/** Asked before PostgreSQL is, which answers with an error to everything else. Claims may hold anything. */
export function isUuid(value: unknown): boolean {
  return typeof value === 'string' && UUID.test(value)
}

/** Throws unless the request comes with the secret key. */
export async function requireAdmin(auth: Auth, c: AuthContext): Promise<void> {
  const token = bearerToken(c.req.header('authorization'))
  if (c.get('keyRole') === 'service_role' && (token === null || isKey(token))) return
  const { role } = await bearerClaims(auth, c)
  if (role !== 'service_role') throw new ApiError(403, 'not_admin', 'User not allowed')
}

async function bearerClaims(auth: Auth, c: AuthContext): Promise<Claims> {
  const token = bearerToken(c.req.header('authorization'))
  if (!token) throw new ApiError(401, 'no_authorization', 'This endpoint requires a Bearer token')
  // What supabase-js sends while nobody is signed in.
  if (isKey(token)) throw badJwt('invalid claim: missing sub claim')
  try {
    return await auth.tokens.verify(token)
  } catch (error) {
    if (!(error instanceof TokenError)) throw error
    const reason =
      error.message === 'JWT expired' ? 'token has invalid claims: token is expired' : error.message
    throw badJwt(`invalid JWT: unable to parse or verify signature, ${reason}`)
  }
}

function badJwt(message: string): ApiError {
  return new ApiError(403, 'bad_jwt', message)
}
