import { X509Certificate } from 'node:crypto'
import { ApiError } from '../../errors'
import { FetchRefused, guardedFetch } from '../../guarded-fetch'
import type { Auth } from '../auth'
import { validationFailed } from '../auth-error'
import { xmlLibrary } from './library'

/** What an identity provider says of itself. */
export type IdpMetadata = {
  entityId: string
  /** Where people are sent to sign in. */
  signInUrl: string
  /** Certificates of the keys that it signs with. */
  certificates: string[]
}

type XPath = Awaited<ReturnType<typeof xmlLibrary>>['xpath']

const MAX_BYTES = 524_288
const METADATA = 'urn:oasis:names:tc:SAML:2.0:metadata'
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'

/** Reads a metadata document. Throws what an administrator can act on. */
export async function parseMetadata(xml: string): Promise<IdpMetadata> {
  if (Buffer.byteLength(xml) > MAX_BYTES) throw validationFailed('SAML Metadata is too large')
  checkXml(xml, 'SAML Metadata')
  const { parseDomFromString, xpath } = await xmlLibrary()
  const document = await parseDomFromString(xml).catch(() => {
    throw validationFailed('SAML Metadata is not valid XML')
  })
  const roles = xpath.selectElements(
    document,
    `//*[local-name()='IDPSSODescriptor' and namespace-uri()='${METADATA}']`,
  )
  const [role] = roles
  if (!role) throw validationFailed('SAML Metadata does not contain any IDPSSODescriptor')
  if (roles.length > 1) throw validationFailed('SAML Metadata contains multiple IDPSSODescriptors')
  const entity = role.parentNode as Element
  const entityId = entity.getAttribute('entityID') ?? ''
  if (!entityId) throw validationFailed('SAML Metadata does not contain an EntityID')
  const until = entity.getAttribute('validUntil')
  if (until && Date.parse(until) <= Date.now()) throw validationFailed('SAML Metadata is no longer valid')
  return { entityId, signInUrl: signInUrlOf(role, xpath), certificates: certificatesOf(role, xpath) }
}

/** The document at an address that an administrator typed. */
export async function fetchMetadata(auth: Auth, url: string): Promise<string> {
  const limits = {
    allowPrivateHosts: auth.settings.externalAllowPrivateHosts,
    maxBytes: MAX_BYTES,
    redirects: 3,
  }
  const headers = { accept: 'application/samlmetadata+xml, application/xml, text/xml' }
  try {
    const answer = await guardedFetch(url, { headers }, limits)
    if (answer.ok) return await answer.text()
    throw new FetchRefused(`HTTP ${answer.status}`)
  } catch (error) {
    const reason = error instanceof FetchRefused ? error.message : 'it cannot be reached'
    throw new ApiError(
      400,
      'saml_metadata_fetch_failed',
      `Error fetching SAML Metadata from the address: ${reason}`,
    )
  }
}

/** Refuses what no SAML document has and an XML parser can be led astray by. */
export function checkXml(xml: string, what: string): void {
  if (/<!(DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)/i.test(xml) || xml.includes('\0')) {
    throw validationFailed(`${what} must not contain a document type`)
  }
}

function signInUrlOf(role: Element, xpath: XPath): string {
  const services = xpath.selectElements(role, "./*[local-name()='SingleSignOnService']")
  const service = services.find((each) => each.getAttribute('Binding') === REDIRECT)
  const location = service?.getAttribute('Location') ?? ''
  if (!URL.canParse(location) || !/^https?:$/.test(new URL(location).protocol)) {
    throw validationFailed(
      'SAML Metadata does not contain a SingleSignOnService with the HTTP-Redirect binding',
    )
  }
  return location
}

function certificatesOf(role: Element, xpath: XPath): string[] {
  const found = xpath.selectElements(
    role,
    "./*[local-name()='KeyDescriptor'][not(@use) or @use='signing']//*[local-name()='X509Certificate']",
  )
  const certificates = found.map((each) => (each.textContent ?? '').replace(/\s+/g, ''))
  try {
    for (const certificate of certificates) new X509Certificate(Buffer.from(certificate, 'base64'))
  } catch {
    throw validationFailed('SAML Metadata contains a certificate that cannot be read')
  }
  if (certificates.length === 0) throw validationFailed('SAML Metadata contains no signing certificate')
  return [...new Set(certificates)]
}
