import { z } from 'zod'
import { ADMIN, auditEntry } from '../audit'
import type { Auth, AuthContext } from '../auth'
import { validationFailed } from '../auth-error'
import { authenticate } from '../authenticate'
import { checkName } from '../factors/names'
import { noticeFactor } from '../factors/notices'
import { loadUser } from '../load-user'
import { clientOf, readBody } from '../request'
import type { UserRow } from '../user-row'
import { findPasskeys, type PasskeyRow, passkeyId, passkeyJson, passkeyNotFound } from './passkey-row'
import { requireManager } from './require-manager'

const schema = z.object({ friendly_name: z.string().nullish() })

/** `GET /passkeys`. */
export function listPasskeys(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const { user } = await authenticate(auth, c)
    return c.json((await findPasskeys(auth.sql, user.id)).map(passkeyJson))
  }
}

/** `PATCH /passkeys/:id`: another name. */
export function updatePasskey(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const { user } = await authenticate(auth, c)
    const id = passkeyId(c.req.param('id'))
    const { friendly_name: name } = await readBody(c, schema)
    if (!name) throw validationFailed('friendly_name is required')
    checkName(name)
    const client = clientOf(c, auth.settings.trustedProxies)
    const updated = await auth.sql.begin(async (sql) => {
      const traits = { passkey_id: id }
      await auditEntry(sql, { action: 'passkey_updated', actor: user, client, traits })
      const [passkey] = await sql<PasskeyRow[]>`
        update auth.webauthn_credentials set friendly_name = ${name}, updated_at = now()
        where id = ${id} and user_id = ${user.id}
        returning id, friendly_name, created_at, last_used_at`
      if (!passkey) throw passkeyNotFound()
      return passkey
    })
    return c.json(passkeyJson(updated))
  }
}

/** `DELETE /passkeys/:id`. */
export function deletePasskey(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const who = await authenticate(auth, c)
    requireManager(who)
    await remove(auth, c, { user: who.user, id: c.req.param('id'), actor: who.user })
    return c.body(null, 204)
  }
}

/** `GET /admin/users/:id/passkeys`. */
export function listPasskeysOf(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const { id } = await loadUser(auth, c)
    return c.json((await findPasskeys(auth.sql, id)).map(passkeyJson))
  }
}

/** `DELETE /admin/users/:id/passkeys/:passkeyId`. */
export function deletePasskeyOf(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const user = await loadUser(auth, c)
    await remove(auth, c, { user, id: c.req.param('passkeyId'), actor: ADMIN })
    return c.body(null, 204)
  }
}

async function remove(
  auth: Auth,
  c: AuthContext,
  which: { user: UserRow; id: string | undefined; actor: { id: string; email: string | null } },
): Promise<void> {
  const { user, actor } = which
  const id = passkeyId(which.id)
  const client = clientOf(c, auth.settings.trustedProxies)
  await auth.sql.begin(async (sql) => {
    const [deleted] = await sql`
      delete from auth.webauthn_credentials where id = ${id} and user_id = ${user.id} returning id`
    if (!deleted) throw passkeyNotFound()
    const traits = { user_id: user.id, passkey_id: id }
    await auditEntry(sql, { action: 'passkey_deleted', actor, client, traits })
  })
  noticeFactor(auth, user, 'factor_removed', 'passkey')
}
