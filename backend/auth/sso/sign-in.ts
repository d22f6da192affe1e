import { randomBytes, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { ApiError } from '../../errors'
import type { Auth, AuthContext } from '../auth'
import { validationFailed } from '../auth-error'
import { isUuid } from '../authenticate'
import { createFlowState, parseChallenge } from '../flow-state'
import { clientOf, readBody } from '../request'
import { requestedTarget } from '../site'
import { findByDomain, findSsoProvider, type SsoProvider } from './provider-row'
import { refreshMetadata } from './refresh-metadata'
import { samlFor } from './saml'

const schema = z.object({
  provider_id: z.string().nullish(),
  domain: z.string().nullish(),
  redirect_to: z.string().nullish(),
  skip_http_redirect: z.boolean().nullish(),
  code_challenge: z.string().nullish(),
  code_challenge_method: z.string().nullish(),
})

/** `POST /sso`: the identity provider's sign-in page for a domain or a provider. */
export function singleSignOn(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const body = await readBody(c, schema)
    auth.limits.refresh(clientOf(c, auth.settings.trustedProxies))
    const challenge = parseChallenge(body)
    const found = await find(auth, body.provider_id, body.domain)
    const provider = await refreshMetadata(auth, found)
    const redirectTo = requestedTarget(auth, c, body.redirect_to)
    const requestId = `_${randomBytes(20).toString('hex')}`
    const relayState = randomUUID()
    await auth.sql.begin(async (sql) => {
      const flow = { provider: `sso:${provider.id}`, method: 'sso/saml', referrer: redirectTo } as const
      const flowId = challenge && (await createFlowState(sql, { ...flow, challenge }))
      await sql`
        insert into auth.saml_relay_states (
          id, sso_provider_id, request_id, redirect_to, flow_state_id, created_at, updated_at
        ) values (${relayState}, ${provider.id}, ${requestId}, ${redirectTo}, ${flowId}, now(), now())`
    })
    const { saml } = await samlFor(auth, c, provider, requestId)
    const url = await saml.getAuthorizeUrlAsync(relayState, undefined, {})
    return body.skip_http_redirect ? c.json({ url }) : c.redirect(url, 303)
  }
}

async function find(
  auth: Auth,
  id: string | null | undefined,
  domain: string | null | undefined,
): Promise<SsoProvider> {
  if (id && domain) throw validationFailed('Only one of provider_id or domain supported')
  if (!id && !domain) throw validationFailed('A provider_id or domain needs to be provided')
  if (id && !isUuid(id)) throw validationFailed('provider_id must be an UUID')
  const provider = id ? await findSsoProvider(auth.sql, id) : await findByDomain(auth.sql, domain ?? '')
  const message = id ? 'No such SSO provider' : 'No SSO provider assigned for this domain'
  if (!provider) throw new ApiError(404, 'sso_provider_not_found', message)
  requireEnabled(provider)
  return provider
}

/** Throws when an administrator has switched it off. */
export function requireEnabled({ disabled }: SsoProvider): void {
  if (!disabled) return
  throw new ApiError(
    404,
    'sso_provider_disabled',
    'SSO Provider assigned for this domain is currently disabled',
  )
}
