import { auditEntry } from '../audit'
import type { Auth, AuthContext } from '../auth'
import { authenticate } from '../authenticate'
import { clientOf } from '../request'
import { lockFactors, ownFactor } from './challenges'
import { noticeFactor } from './notices'
import { lowerSessions } from './raise-session'
import { insufficientAal, requireSession } from './strength'

/** `DELETE /factors/:id`. */
export function unenrollFactor(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const { user, sessionId, aal } = requireSession(await authenticate(auth, c))
    const shown = ownFactor(user.factors, c.req.param('id'))
    const { id } = shown
    const client = clientOf(c, auth.settings.trustedProxies)
    auth.limits.update(client, user.id)
    await auth.sql.begin(async (sql) => {
      // Read again: it may have been verified since.
      const factor = ownFactor(await lockFactors(sql, user.id), id)
      if (factor.status === 'verified' && aal !== 'aal2') {
        throw insufficientAal(422, 'AAL2 required to unenroll verified factor')
      }
      await sql`delete from auth.mfa_factors where id = ${id}`
      const traits = { factor_id: id, factor_status: factor.status, session_id: sessionId }
      await auditEntry(sql, { action: 'factor_unenrolled', actor: user, client, traits })
      await lowerSessions(sql, factor)
    })
    if (shown.status === 'verified') noticeFactor(auth, user, 'factor_removed', shown.factor_type)
    return c.json({ id })
  }
}
