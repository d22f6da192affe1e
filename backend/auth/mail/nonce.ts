import { ApiError } from '../../errors'
import type { Auth } from '../auth'
import type { Client } from '../request'
import type { Sql, UserRow } from '../user-row'
import { lockUser, takeCodeOf } from './one-time-tokens'

/** A sign-in that is younger than this shows enough by itself. */
const FRESH_HOURS = 24

/**
 * What has to be shown before a password changes, when the settings ask for it and mails are sent: the code of
 * `reauthenticate`. Undefined when nothing has to be.
 */
export async function nonceCheck(
  auth: Auth,
  user: UserRow,
  sessionId: string | null,
  client: Client,
  nonce: string | null | undefined,
): Promise<((sql: Sql) => Promise<void>) | undefined> {
  if (!auth.settings.reauthenticateForPassword || !auth.mailer || !user.email) return undefined
  const fresh = await auth.sql`
    select from auth.sessions
    where id = ${sessionId} and created_at > now() - make_interval(hours => ${FRESH_HOURS})`
  if (fresh.length > 0) return undefined
  if (!nonce) {
    throw new ApiError(400, 'reauthentication_needed', 'Password update requires reauthentication')
  }
  const address = user.email
  const wasRight = auth.limits.code(client, user.id)
  return async (sql) => {
    const locked = await lockUser(sql, user.id)
    if (locked && (await takeCodeOf(auth, sql, locked, address, nonce, ['reauthentication_token']))) {
      return wasRight()
    }
    throw new ApiError(422, 'reauthentication_not_valid', 'Nonce has expired or is invalid')
  }
}
