import { randomUUID } from 'node:crypto'
import { ApiError } from '../../errors'
import type { Auth, AuthContext } from '../auth'
import { createFlowState, parseChallenge } from '../flow-state'
import { clientOf } from '../request'
import { endpointUrl, requestedTarget } from '../site'
import type { UserRow } from '../user-row'
import { markFlow } from './flow-cookie'
import { authorizationUrl, newVerifier } from './protocol'
import { findProvider, type Provider } from './provider'

/** GoTrue's: time to sign in at the provider. */
export const FLOW_SECONDS = 300

/** Ours to decide. Everything else in the query goes to the provider: `prompt`, `login_hint`, `hd`. */
const OURS = new Set(
  [
    'provider scopes scope redirect_to code_challenge code_challenge_method code_verifier invite_token apikey',
    'skip_http_redirect client_id client_secret redirect_uri response_type response_mode state nonce request',
    'request_uri',
  ].flatMap((line) => line.split(' ')),
)

/** `GET /authorize?provider=…`: sends the browser to the provider. */
export function authorize(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => c.redirect(await beginFlow(auth, c), 302)
}

/** The address of the provider's sign-in page for a flow that begins now; `target` is who connects an identity. */
export async function beginFlow(auth: Auth, c: AuthContext, target?: UserRow): Promise<string> {
  // Each leaves rows behind.
  auth.limits.refresh(clientOf(c, auth.settings.trustedProxies))
  const query = new URL(c.req.url).searchParams
  const provider = await findProvider(auth, query.get('provider') ?? '')
  const challenge = parseChallenge({
    code_challenge: query.get('code_challenge'),
    code_challenge_method: query.get('code_challenge_method'),
  })
  const referrer = requestedTarget(auth, c)
  const verifier = newVerifier()
  const clientStateId = randomUUID()
  const state = await auth.sql.begin(async (sql) => {
    await sql`
      insert into auth.oauth_client_states (id, provider_type, code_verifier, created_at)
      values (${clientStateId}, ${provider.name}, ${verifier}, now())`
    const flow = { challenge, provider: provider.name, method: 'oauth', referrer, clientStateId } as const
    return createFlowState(sql, { ...flow, ...(target ? { linkingTargetId: target.id } : {}) })
  })
  const redirectUri = endpointUrl(auth, c, '/callback')
  markFlow(c, state, redirectUri, FLOW_SECONDS)
  const scopes = (query.get('scopes') ?? '').split(/[\s,]+/).filter(Boolean)
  const trip = { state, verifier, redirectUri }
  return authorizationUrl(provider, trip, furtherParams(query), scopes).catch(unreachable(auth, provider))
}

function furtherParams(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...query].filter(([name]) => !OURS.has(name)))
}

/** The provider cannot be asked, or is not who it should be: for the operator's eyes. */
function unreachable(auth: Auth, { name }: Provider) {
  return (error: unknown): never => {
    auth.log.warn({ err: error, provider: name }, 'A sign-in provider cannot be used')
    throw new ApiError(500, 'unexpected_failure', `The provider ${name} cannot be reached`)
  }
}
