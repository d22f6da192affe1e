import { ApiError } from '../../errors'
import { auditEntry } from '../audit'
import type { Auth, AuthContext } from '../auth'
import { authenticate, isUuid } from '../authenticate'
import { requireStrength } from '../factors/strength'
import { clientOf } from '../request'
import type { Sql } from '../user-row'
import { beginFlow } from './authorize'
import { refreshProviders } from './identity'

/** `GET /user/identities/authorize`: connects a further provider with the account of whoever is signed in. */
export function linkIdentity(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    requireManualLinking(auth)
    const who = await authenticate(auth, c)
    requireStrength(who)
    const url = await beginFlow(auth, c, who.user)
    return c.req.query('skip_http_redirect') === 'true' ? c.json({ url }) : c.redirect(url, 302)
  }
}

/** `DELETE /user/identities/:id`: never the last one. */
export function unlinkIdentity(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    requireManualLinking(auth)
    const who = await authenticate(auth, c)
    requireStrength(who)
    const { user } = who
    const id = c.req.param('id') ?? ''
    if (!isUuid(id)) throw new ApiError(404, 'validation_failed', 'identity_id must be an UUID')
    const client = clientOf(c, auth.settings.trustedProxies)
    await auth.sql.begin(async (sql) => {
      // The account is the lock: two at once must not leave it without an identity.
      await sql`select from auth.users where id = ${user.id} for update`
      const identities = await sql<{ id: string; provider: string; provider_id: string }[]>`
        select id, provider, provider_id from auth.identities where user_id = ${user.id}`
      if (identities.length <= 1) {
        throw unprocessable(
          'single_identity_not_deletable',
          'User must have at least 1 identity after unlinking',
        )
      }
      const identity = identities.find((each) => each.id === id)
      if (!identity) throw unprocessable('identity_not_found', "Identity doesn't exist")
      const { provider, provider_id } = identity
      const traits = { identity_id: id, provider, provider_id }
      await auditEntry(sql, { action: 'identity_unlinked', actor: user, client, traits })
      await sql`delete from auth.identities where id = ${id}`
      await takeAddressFromIdentities(sql, user.id, provider === 'email')
      await refreshProviders(sql, user.id)
    })
    return c.json({})
  }
}

/** Throws unless people may connect providers by themselves. */
export function requireManualLinking({ settings }: Auth): void {
  if (settings.manualLinking) return
  throw new ApiError(404, 'manual_linking_disabled', 'Manual linking is disabled')
}

/**
 * The account's address is one that an identity stands for. With the e-mail identity goes the password: GoTrue
 * leaves it, so that what was taken off would go on opening the account.
 */
async function takeAddressFromIdentities(sql: Sql, userId: string, withoutPassword: boolean): Promise<void> {
  if (withoutPassword) await sql`update auth.users set encrypted_password = null where id = ${userId}`
  await sql`
    update auth.users u set email = named.email, updated_at = now(),
      email_confirmed_at = case when named.verified then coalesce(u.email_confirmed_at, now()) end
    from (
      select email, identity_data -> 'email_verified' = 'true' as verified from auth.identities
      where user_id = ${userId} and email is not null
      order by identity_data -> 'email_verified' = 'true' desc nulls last, created_at limit 1
    ) named
    where u.id = ${userId} and not exists (
      select from auth.identities i where i.user_id = u.id and i.email = u.email
    )`.catch((error: { constraint_name?: string }) => {
    if (error.constraint_name !== 'users_email_partial_key') throw error
    throw unprocessable(
      'email_conflict_identity_not_deletable',
      'Unable to unlink identity due to email conflict',
    )
  })
}

function unprocessable(code: string, message: string): ApiError {
  return new ApiError(422, code, message)
}
