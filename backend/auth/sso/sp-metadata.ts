import type { Auth, AuthContext } from '../auth'
import { samlLibrary } from './library'
import { serviceAddresses } from './saml'

/** `GET /sso/saml/metadata`: what identity providers are to know of us. */
export function serviceMetadata(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const { entityId, acs } = serviceAddresses(auth, c)
    const { privateKey, certificate } = await auth.samlKey()
    const { generateServiceProviderMetadata } = await samlLibrary()
    const xml = generateServiceProviderMetadata({
      issuer: entityId,
      callbackUrl: acs,
      identifierFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
      wantAssertionsSigned: true,
      privateKey,
      publicCerts: certificate,
    })
    c.header('content-type', 'application/xml')
    c.header('cache-control', 'public, max-age=600')
    if (c.req.query('download') === 'true') {
      c.header('content-disposition', 'attachment; filename="metadata.xml"')
    }
    return c.body(xml)
  }
}
