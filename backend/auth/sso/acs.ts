import { ApiError } from '../../errors'
import type { Auth, AuthContext } from '../auth'
import { userBanned, validationFailed } from '../auth-error'
import { isUuid } from '../authenticate'
import { issueAuthCode } from '../flow-state'
import { accountOf } from '../providers/account'
import { redirectWithCode, redirectWithError, redirectWithSession } from '../redirect-answer'
import { clientOf } from '../request'
import { openSession } from '../sessions'
import { requestedTarget, siteOf } from '../site'
import { tokenResponse } from '../token-response'
import type { Sql } from '../user-row'
import { checkAssertion, profileOfAssertion, type XmlElement } from './assertion'
import { checkXml } from './idp-metadata'
import { xmlLibrary } from './library'
import { findByEntityId, findSsoProvider, type SsoProvider } from './provider-row'
import { refreshMetadata } from './refresh-metadata'
import { samlFor, serviceAddresses } from './saml'
import { requireEnabled } from './sign-in'

/** GoTrue waits two minutes, in which nobody finds their phone. */
const RELAY_SECONDS = 600

/** How the sign-in began: here with a request, or at the identity provider with none. */
type Origin = { provider: SsoProvider; target: string; requestId: string | null; flowId: string | null }

/** `POST /sso/saml/acs`: where identity providers send people back to. */
export function assertionConsumer(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    let target = siteOf(auth, c).siteUrl
    try {
      auth.limits.refresh(clientOf(c, auth.settings.trustedProxies))
      const form = new URLSearchParams(await c.req.text())
      const response = form.get('SAMLResponse') ?? ''
      const envelope = await open(response)
      const origin = await originOf(auth, c, form.get('RelayState') ?? '', envelope)
      target = origin.target
      checkEnvelope(envelope, serviceAddresses(auth, c).acs)
      return await finish(auth, c, origin, response)
    } catch (error) {
      return redirectWithError(target, explain(auth, error))
    }
  }
}

/** The element around the assertion. It may be unsigned: nothing of it makes anybody anybody. */
async function open(response: string): Promise<Element> {
  if (!response) throw validationFailed('SAMLResponse is missing')
  const xml = Buffer.from(response, 'base64').toString('utf8')
  checkXml(xml, 'SAMLResponse')
  const { parseDomFromString } = await xmlLibrary()
  const { documentElement } = await parseDomFromString(xml).catch(() => {
    throw validationFailed('SAMLResponse is not a valid XML SAML assertion')
  })
  return documentElement
}

function checkEnvelope(envelope: Element, acs: string): void {
  const destination = envelope.getAttribute('Destination')
  if (destination && destination !== acs) {
    throw validationFailed('SAML Assertion is not valid: it was sent to somebody else')
  }
}

async function originOf(auth: Auth, c: AuthContext, relayState: string, envelope: Element): Promise<Origin> {
  const origin = isUuid(relayState)
    ? await takeRelayState(auth, relayState)
    : { ...(await unasked(auth, envelope)), target: requestedTarget(auth, c, relayState) }
  requireEnabled(origin.provider)
  return { ...origin, provider: await refreshMetadata(auth, origin.provider) }
}

/** Each request is answered once. */
async function takeRelayState(auth: Auth, id: string): Promise<Origin> {
  const [row] = await auth.sql<
    {
      sso_provider_id: string
      request_id: string
      redirect_to: string
      flow_state_id: string | null
      is_over: boolean
    }[]
  >`
    delete from auth.saml_relay_states where id = ${id}
    returning sso_provider_id, request_id, redirect_to, flow_state_id,
      created_at < now() - make_interval(secs => ${RELAY_SECONDS}) as is_over`
  if (!row) {
    throw new ApiError(
      404,
      'saml_relay_state_not_found',
      'SAML RelayState does not exist, try logging in again?',
    )
  }
  if (row.is_over) {
    throw new ApiError(422, 'saml_relay_state_expired', 'SAML RelayState has expired. Try logging in again?')
  }
  const provider = await findSsoProvider(auth.sql, row.sso_provider_id)
  if (!provider) throw idpNotFound()
  return { provider, target: row.redirect_to, requestId: row.request_id, flowId: row.flow_state_id }
}

/** Somebody comes from their identity provider's list of applications. Its name is checked with the signature. */
async function unasked(auth: Auth, envelope: Element): Promise<Omit<Origin, 'target'>> {
  const { xpath } = await xmlLibrary()
  const [issuer] = xpath.selectElements(envelope, "./*[local-name()='Issuer']")
  const provider = await findByEntityId(auth.sql, issuer?.textContent ?? '')
  if (!provider) throw idpNotFound()
  return { provider, requestId: null, flowId: null }
}

async function finish(auth: Auth, c: AuthContext, origin: Origin, response: string): Promise<Response> {
  const { provider, requestId, flowId, target } = origin
  const assertion = await validated(auth, c, origin, response)
  const { acs } = serviceAddresses(auth, c)
  const checked = checkAssertion(assertion, { entityId: provider.entity_id, acs, requestId })
  const profile = profileOfAssertion(assertion, provider.attribute_mapping)
  const client = clientOf(c, auth.settings.trustedProxies)
  const name = `sso:${provider.id}`
  const ended = await auth.sql.begin(async (sql) => {
    await useUp(sql, provider.id, checked.id, checked.usableUntil)
    const userId = await accountOf(auth, sql, { provider: name, profile, client })
    if (flowId) return { code: await issueAuthCode(sql, flowId, { userId }) }
    const proof = { client, method: 'sso/saml', provider: name } as const
    const session = await openSession(sql, { id: userId, email: null }, proof)
    if (session && checked.sessionUntil) {
      await sql`update auth.sessions set not_after = ${checked.sessionUntil} where id = ${session.id}`
    }
    return { session }
  })
  if (ended.code !== undefined) return redirectWithCode(target, ended.code)
  if (!ended.session) throw userBanned(403)
  const { tokens, settings } = auth
  return redirectWithSession(target, await tokenResponse(tokens, ended.session, settings.jwtExpirySeconds))
}

async function validated(
  auth: Auth,
  c: AuthContext,
  { provider, requestId }: Origin,
  response: string,
): Promise<XmlElement> {
  const { saml } = await samlFor(auth, c, provider, requestId)
  try {
    const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: response })
    const signed = profile?.getAssertion?.() as { Assertion?: XmlElement } | undefined
    if (!signed?.Assertion) throw new Error('there is no assertion')
    return signed.Assertion
  } catch (error) {
    auth.log.info({ err: error, provider: provider.id }, 'A SAML response was not accepted')
    const reason = error instanceof Error ? `: ${error.message.slice(0, 200)}` : ''
    throw validationFailed(`SAML Assertion is not valid${reason}`)
  }
}

/** Nobody signs in twice with one assertion, not after a restart either. */
async function useUp(sql: Sql, providerId: string, id: string, until: Date): Promise<void> {
  await sql`delete from _backend.used_assertions where expires_at < now()`
  const used = await sql`
    insert into _backend.used_assertions (provider_id, assertion_id, expires_at)
    values (${providerId}, ${id}, ${until}) on conflict do nothing`
  if (used.count === 0) throw validationFailed('SAML Assertion is not valid: it has been used before')
}

function explain(auth: Auth, error: unknown): ApiError {
  if (error instanceof ApiError) return error
  auth.log.error({ err: error }, 'A single sign-on failed')
  return new ApiError(500, 'unexpected_failure', 'Unexpected failure, please check server logs')
}

function idpNotFound(): ApiError {
  return new ApiError(
    404,
    'saml_idp_not_found',
    'A SAML connection has not been established with this Identity Provider',
  )
}
