import { auditEntry } from './audit'
import type { Auth, AuthContext } from './auth'
import { validationFailed } from './auth-error'
import { authenticate } from './authenticate'
import { clientOf } from './request'
import { closeSessions, type LogoutScope } from './sessions'

const SCOPES: readonly string[] = ['global', 'local', 'others'] satisfies LogoutScope[]

/** `POST /logout?scope=…`: ends sessions. Access tokens stay valid JWTs until they expire, but name no session. */
export function signOut(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const { user, sessionId } = await authenticate(auth, c)
    const scope = c.req.query('scope') || 'global'
    if (!isScope(scope)) throw validationFailed(`Unsupported logout scope "${scope}"`)
    const client = clientOf(c, auth.settings.trustedProxies)
    await auth.sql.begin(async (sql) => {
      await closeSessions(sql, user, sessionId, scope)
      await auditEntry(sql, { action: 'logout', actor: user, client })
    })
    return c.body(null, 204)
  }
}

function isScope(scope: string): scope is LogoutScope {
  return SCOPES.includes(scope)
}
