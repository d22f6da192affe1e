import type { SAML } from '@node-saml/node-saml'
import { ApiError } from '../../errors'
import type { Auth, AuthContext } from '../auth'
import { endpointUrl, siteOf } from '../site'
import { type IdpMetadata, parseMetadata } from './idp-metadata'
import { samlLibrary } from './library'
import type { SsoProvider } from './provider-row'

/** Clocks that differ a little. */
export const CLOCK_MS = 60_000
/** An assertion is made when somebody signs in and brought at once. */
const MAX_AGE_MS = 300_000
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'

/**
 * Whether single sign-on has an address that whoever asks cannot choose: an assertion is for one service, and a
 * service that named itself by the request would take those for others. On this machine there are no others.
 */
export function isSamlOn(auth: Pick<Auth, 'settings'>, c: AuthContext): boolean {
  if (auth.settings.siteUrl) return true
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(siteOf(auth, c).siteUrl).hostname)
}

/** What we are called by identity providers, and where they send people back to. */
export function serviceAddresses(auth: Auth, c: AuthContext) {
  if (!isSamlOn(auth, c)) {
    throw new ApiError(404, 'saml_provider_disabled', 'SAML 2.0 is disabled: it needs the setting SITE_URL')
  }
  return {
    entityId: endpointUrl(auth, c, '/sso/saml/metadata'),
    acs: endpointUrl(auth, c, '/sso/saml/acs'),
  }
}

/**
 * The library, set up for one identity provider and one sign-in: `requestId` is the request that is sent or that
 * must have been answered, null for a sign-in that nobody asked for. Requests are remembered in the database.
 */
export async function samlFor(
  auth: Auth,
  c: AuthContext,
  provider: SsoProvider,
  requestId: string | null,
): Promise<{ saml: SAML; metadata: IdpMetadata }> {
  const metadata = await parseMetadata(provider.metadata_xml)
  const { entityId, acs } = serviceAddresses(auth, c)
  const key = await auth.samlKey()
  const asked = new Date().toISOString()
  const { SAML, ValidateInResponseTo } = await samlLibrary()
  const saml = new SAML({
    issuer: entityId,
    callbackUrl: acs,
    audience: entityId,
    entryPoint: metadata.signInUrl,
    idpIssuer: metadata.entityId,
    idpCert: metadata.certificates,
    identifierFormat: provider.name_id_format ?? PERSISTENT,
    // The assertion itself, not only the envelope around it: what is signed is what is read.
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
    privateKey: key.privateKey,
    publicCert: key.certificate,
    signatureAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
    disableRequestedAuthnContext: true,
    acceptedClockSkewMs: CLOCK_MS,
    maxAssertionAgeMs: MAX_AGE_MS,
    validateInResponseTo: requestId ? ValidateInResponseTo.always : ValidateInResponseTo.never,
    ...(requestId ? { generateUniqueId: () => requestId } : {}),
    cacheProvider: {
      saveAsync: async () => null,
      getAsync: async (id) => (id === requestId ? asked : null),
      removeAsync: async () => null,
    },
  })
  return { saml, metadata }
}
