import 'reflect-metadata'
import { inflateRawSync } from 'node:zlib'
import * as x509 from '@peculiar/x509'
import { Constants, IdentityProvider, SamlLib, ServiceProvider, setSchemaValidator } from 'samlify'

/** Somebody who signs in at the identity provider. */
export type SamlPerson = { nameId: string; email?: string; attributes?: Record<string, string> }

/** What a response says; what is left out is as it should be. */
export type SamlChanges = {
  audience?: string
  recipient?: string
  destination?: string
  inResponseTo?: string | null
  issuer?: string
  notBefore?: Date
  notOnOrAfter?: Date
  assertionId?: string
  nameIdFormat?: string
  sessionUntil?: Date
}

const ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
}
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'

setSchemaValidator({ validate: async () => 'not looked at' })

/** A SAML identity provider with a key of its own; `signed` says what of its responses carries a signature. */
export async function createSamlIdp(
  entityId: string,
  signed: 'assertion' | 'message' | 'nothing' = 'assertion',
) {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ name: 'CN=idp', keys, signingAlgorithm: ALGORITHM },
    ...{ notBefore: new Date(Date.now() - 86_400_000), notAfter: new Date(Date.now() + 86_400_000) },
  })
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const privateKey = `-----BEGIN PRIVATE KEY-----\n${der.match(/.{1,64}/g)?.join('\n')}\n-----END PRIVATE KEY-----`
  const location = `${entityId}/sign-in`
  const idp = IdentityProvider({
    entityID: entityId,
    privateKey,
    signingCert: certificate.toString('pem'),
    isAssertionEncrypted: false,
    wantAuthnRequestsSigned: true,
    requestSignatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    messageSigningOrder: 'sign-then-encrypt',
    singleSignOnService: [{ Binding: Constants.namespace.binding.redirect, Location: location }],
    nameIDFormat: [PERSISTENT],
    loginResponseTemplate: {
      context: SamlLib.defaultLoginResponseTemplate.context.replace('{AuthnStatement}', ''),
      attributes: [],
    },
  })

  /** The response to a sign-in that began here (`url`) or nowhere, as it is sent in the form. */
  async function respond(
    service: { metadata: string; url?: string },
    person: SamlPerson,
    changes: SamlChanges = {},
  ): Promise<string> {
    const sp = ServiceProvider({
      metadata: service.metadata
        .replace('WantAssertionsSigned="true"', `WantAssertionsSigned="${signed === 'assertion'}"`)
        .replace('AuthnRequestsSigned="true"', 'AuthnRequestsSigned="true"'),
      wantMessageSigned: signed === 'message',
    })
    const acs = sp.entityMeta.getAssertionConsumerService('post') as string
    const asked = service.url ? requestIdOf(service.url) : null
    const inResponseTo = changes.inResponseTo === undefined ? asked : changes.inResponseTo
    const now = Date.now()
    const end = (changes.notOnOrAfter ?? new Date(now + 120_000)).toISOString()
    const statement =
      authnStatement(changes.sessionUntil) +
      attributeStatement({
        ...(person.email ? { email: person.email } : {}),
        ...person.attributes,
      })
    const tags = {
      ID: `_response-${crypto.randomUUID()}`,
      AssertionID: changes.assertionId ?? `_assertion-${crypto.randomUUID()}`,
      Destination: changes.destination ?? acs,
      SubjectRecipient: changes.recipient ?? acs,
      Audience: changes.audience ?? sp.entityMeta.getEntityID(),
      Issuer: changes.issuer ?? entityId,
      IssueInstant: new Date(now).toISOString(),
      ConditionsNotBefore: (changes.notBefore ?? new Date(now - 5000)).toISOString(),
      ConditionsNotOnOrAfter: end,
      SubjectConfirmationDataNotOnOrAfter: end,
      NameIDFormat: changes.nameIdFormat ?? PERSISTENT,
      NameID: person.nameId,
      StatusCode: Constants.StatusCode.Success,
      InResponseTo: inResponseTo,
    }
    const replace = (template: string) => ({
      id: tags.ID,
      context: SamlLib.replaceTagsByValue(
        template.replace('</saml:Assertion>', `${statement}</saml:Assertion>`),
        tags as never,
      ),
    })
    const request = { extract: { request: { id: asked ?? '' } } }
    const built = await idp.createLoginResponse(sp, request as never, 'post', {}, replace as never)
    return built.context
  }

  /** Whether a request comes from the service that the metadata describe. Throws when it is not signed by it. */
  async function checkRequest(serviceMetadata: string, address: string): Promise<unknown> {
    const url = new URL(address)
    const octetString = url.search
      .slice(1)
      .split('&')
      .filter((each) => /^(SAMLRequest|RelayState|SigAlg)=/.test(each))
      .join('&')
    const sp = ServiceProvider({ metadata: serviceMetadata })
    const query = Object.fromEntries(url.searchParams)
    return (await idp.parseLoginRequest(sp, 'redirect', { query, octetString } as never)).extract
  }

  return { entityId, metadata: idp.getMetadata(), location, respond, checkRequest }
}

function requestIdOf(url: string): string {
  const request = new URL(url).searchParams.get('SAMLRequest') ?? ''
  const xml = inflateRawSync(Buffer.from(request, 'base64')).toString()
  return /\sID="([^"]+)"/.exec(xml)?.[1] ?? ''
}

function authnStatement(until?: Date): string {
  const end = until ? ` SessionNotOnOrAfter="${until.toISOString()}"` : ''
  const context =
    '<saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>'
  return `<saml:AuthnStatement AuthnInstant="${new Date().toISOString()}"${end}>${context}</saml:AuthnStatement>`
}

function attributeStatement(attributes: Record<string, string>): string {
  const all = Object.entries(attributes)
  if (all.length === 0) return ''
  const format = 'NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic"'
  const each = all.map(
    ([name, value]) =>
      `<saml:Attribute Name="${name}" ${format}><saml:AttributeValue>${value}</saml:AttributeValue></saml:Attribute>`,
  )
  return `<saml:AttributeStatement>${each.join('')}</saml:AttributeStatement>`
}
