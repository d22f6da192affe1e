import { ApiError } from '../errors'
import type { Auth, AuthContext } from './auth'
import { isUuid, requireAdmin } from './authenticate'
import type { UserRow } from './user-row'
import { findUserById } from './users'

/** The account that an admin's path names. Throws unless the request comes with the secret key. */
export async function loadUser(auth: Auth, c: AuthContext): Promise<UserRow> {
  await requireAdmin(auth, c)
  const user = await findUserById(auth.sql, userIdOf(c))
  if (!user) throw userNotFound()
  return user
}

/** There is no such account. */
export function userNotFound(): ApiError {
  return new ApiError(404, 'user_not_found', 'User not found')
}

/** The account that the path names. */
export function userIdOf(c: AuthContext): string {
  const id = c.req.param('id') ?? ''
  if (isUuid(id)) return id
  throw new ApiError(404, 'validation_failed', 'user_id must be an UUID')
}
