import { z } from 'zod'
import { ADMIN, auditEntry } from '../audit'
import type { Auth, AuthContext } from '../auth'
import { notImplemented } from '../auth-error'
import { loadUser } from '../load-user'
import { clientOf, readBody } from '../request'
import { factorJson, type UserRow } from '../user-row'
import { ownFactor } from './challenges'
import { checkName, isNameTaken, nameConflict } from './names'
import { noticeFactor } from './notices'
import { lowerSessions } from './raise-session'

const schema = z.object({ friendly_name: z.string().nullish(), phone: z.string().nullish() })

/** `GET /admin/users/:id/factors`. */
export function listFactors(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const { factors } = await loadUser(auth, c)
    return c.json(factors.map(factorJson))
  }
}

/** `PUT /admin/users/:id/factors/:factorId`: another name. */
export function updateFactor(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const { user, factor } = await loadFactor(auth, c)
    const { friendly_name: name, phone } = await readBody(c, schema)
    const client = clientOf(c, auth.settings.trustedProxies)
    if (phone) throw notImplemented('A factor by phone')
    if (!name) return c.json(factorJson(factor))
    checkName(name)
    if (
      isNameTaken(
        user.factors.filter(({ id }) => id !== factor.id),
        name,
      )
    )
      throw nameConflict(name)
    const traits = { user_id: user.id, factor_id: factor.id, factor_type: factor.factor_type }
    await auth.sql.begin(async (sql) => {
      await sql`
        update auth.mfa_factors set friendly_name = ${name}, updated_at = now() where id = ${factor.id}`
      await auditEntry(sql, { action: 'factor_updated', actor: ADMIN, client, traits })
    })
    return c.json(factorJson({ ...factor, friendly_name: name, updated_at: new Date() }))
  }
}

/** `DELETE /admin/users/:id/factors/:factorId`: for somebody who has lost their device. */
export function deleteFactor(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const { user, factor } = await loadFactor(auth, c)
    const client = clientOf(c, auth.settings.trustedProxies)
    await auth.sql.begin(async (sql) => {
      const traits = { user_id: user.id, factor_id: factor.id }
      await auditEntry(sql, { action: 'factor_deleted', actor: ADMIN, client, traits })
      await sql`delete from auth.mfa_factors where id = ${factor.id}`
      await lowerSessions(sql, factor)
    })
    if (factor.status === 'verified') noticeFactor(auth, user, 'factor_removed', factor.factor_type)
    return c.json(factorJson(factor))
  }
}

async function loadFactor(auth: Auth, c: AuthContext) {
  const user: UserRow = await loadUser(auth, c)
  return { user, factor: ownFactor(user.factors, c.req.param('factorId')) }
}
