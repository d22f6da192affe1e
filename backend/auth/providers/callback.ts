import { ApiError } from '../../errors'
import type { Auth, AuthContext } from '../auth'
import { userBanned } from '../auth-error'
import { isUuid } from '../authenticate'
import { issueAuthCode } from '../flow-state'
import { redirectWithCode, redirectWithError, redirectWithSession } from '../redirect-answer'
import { clientOf } from '../request'
import { openSession } from '../sessions'
import { endpointUrl, siteOf } from '../site'
import { tokenResponse } from '../token-response'
import type { Sql } from '../user-row'
import { accountOf } from './account'
import { FLOW_SECONDS } from './authorize'
import { takeFlowMark } from './flow-cookie'
import { linkToUser } from './link'
import { profileOf } from './profile'
import { exchange, type Grant } from './protocol'
import { findProvider, type Provider } from './provider'

/** How a sign-in began. */
type Flow = {
  id: string
  provider: string
  verifier: string
  target: string
  hasChallenge: boolean
  linkingTargetId: string | null
}

/** `POST /callback`: providers that answer with a form. Its fields are all there is to it. */
export async function callbackForm(c: AuthContext): Promise<Response> {
  const form = new URLSearchParams(await c.req.text())
  const fields = ['state', 'code', 'error', 'error_description', 'iss'].flatMap((name) => {
    const value = form.get(name)
    return value === null ? [] : [[name, value]]
  })
  // The browser keeps its cookie from a form of another site, and brings it when it comes again by itself.
  return c.redirect(`callback?${new URLSearchParams(fields)}`, 303)
}

/** `GET /callback`: whoever comes back from a provider is signed in, or told why not. */
export function callback(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const answer = new URL(c.req.url).searchParams
    let target = siteOf(auth, c).siteUrl
    try {
      const flow = await takeFlow(auth, c, answer.get('state'))
      target = flow.target
      return keepCookies(c, await finish(auth, c, flow, answer))
    } catch (error) {
      return keepCookies(c, redirectWithError(target, explain(auth, error)))
    }
  }
}

/** Each flow once: whoever comes first with its state takes away what is needed to go on. */
async function takeFlow(auth: Auth, c: AuthContext, state: string | null): Promise<Flow> {
  if (!state) throw new ApiError(400, 'bad_oauth_callback', 'OAuth state parameter missing')
  if (!isUuid(state)) throw badState('OAuth callback with invalid state')
  const [row] = await auth.sql<
    {
      provider_type: string
      code_verifier: string
      referrer: string
      code_challenge: string | null
      linking_target_id: string | null
      is_over: boolean
    }[]
  >`
    with taken as (
      delete from auth.oauth_client_states s using auth.flow_state f
      where f.id = ${state} and s.id = f.oauth_client_state_id
      returning s.id, s.code_verifier
    )
    select f.provider_type, taken.code_verifier, f.referrer, f.code_challenge, f.linking_target_id,
      f.created_at < now() - make_interval(secs => ${FLOW_SECONDS}) as is_over
    from auth.flow_state f join taken on taken.id = f.oauth_client_state_id`
  if (!row) throw badState('OAuth state not found or already used')
  if (row.is_over) throw badState('OAuth state has expired')
  const isOwn = takeFlowMark(c, state, endpointUrl(auth, c, '/callback'))
  // A page of another origin asks for the address with a request that keeps no cookie, when it connects identities.
  if (!isOwn && !row.linking_target_id) throw badState('This sign-in was begun in another browser')
  return {
    id: state,
    provider: row.provider_type,
    verifier: row.code_verifier,
    target: row.referrer,
    hasChallenge: row.code_challenge !== null,
    linkingTargetId: row.linking_target_id,
  }
}

async function finish(auth: Auth, c: AuthContext, flow: Flow, answer: URLSearchParams): Promise<Response> {
  const refused = answer.get('error')
  if (refused) {
    const description = answer.get('error_description') ?? refused
    throw new ApiError(400, 'bad_oauth_callback', description.slice(0, 500), {
      body: { error: refused.slice(0, 100) },
    })
  }
  if (!answer.get('code')) {
    throw new ApiError(400, 'bad_oauth_callback', 'OAuth callback with missing authorization code missing')
  }
  const provider = await findProvider(auth, flow.provider)
  const trip = { state: flow.id, verifier: flow.verifier, redirectUri: endpointUrl(auth, c, '/callback') }
  const grant = await exchange(provider, trip, answer).catch((error: unknown) => {
    auth.log.warn({ err: error, provider: provider.name }, 'A code of a sign-in provider was not accepted')
    throw new ApiError(500, 'unexpected_failure', 'Unable to exchange external code')
  })
  const client = clientOf(c, auth.settings.trustedProxies)
  const ended = await auth.sql.begin(async (sql) => {
    const userId = await arrive(auth, sql, c, flow, provider, grant)
    if (flow.hasChallenge) {
      const proved = { userId, accessToken: grant.accessToken, refreshToken: grant.refreshToken }
      return { code: await issueAuthCode(sql, flow.id, proved) }
    }
    await sql`delete from auth.flow_state where id = ${flow.id}`
    const proof = { client, method: 'oauth', provider: provider.name } as const
    return { session: await openSession(sql, { id: userId, email: null }, proof) }
  })
  if (ended.code !== undefined) return redirectWithCode(flow.target, ended.code)
  if (!ended.session) throw userBanned(403)
  const tokens = await tokenResponse(auth.tokens, ended.session, auth.settings.jwtExpirySeconds)
  return redirectWithSession(flow.target, tokens, {
    provider_token: grant.accessToken,
    ...(grant.refreshToken ? { provider_refresh_token: grant.refreshToken } : {}),
  })
}

function arrive(auth: Auth, sql: Sql, c: AuthContext, flow: Flow, provider: Provider, grant: Grant) {
  const arrival = {
    provider: provider.name,
    profile: profileOf(provider, grant.claims),
    emailOptional: provider.emailOptional,
    client: clientOf(c, auth.settings.trustedProxies),
  }
  return flow.linkingTargetId ? linkToUser(sql, flow.linkingTargetId, arrival) : accountOf(auth, sql, arrival)
}

function explain(auth: Auth, error: unknown): ApiError {
  if (error instanceof ApiError) return error
  auth.log.error({ err: error }, 'A sign-in with a provider failed')
  return new ApiError(500, 'unexpected_failure', 'Unexpected failure, please check server logs')
}

/** The answer with the cookies that were set on the way. */
function keepCookies(c: AuthContext, response: Response): Response {
  for (const cookie of c.res.headers.getSetCookie()) response.headers.append('set-cookie', cookie)
  return response
}

function badState(message: string): ApiError {
  return new ApiError(400, 'bad_oauth_state', message)
}
