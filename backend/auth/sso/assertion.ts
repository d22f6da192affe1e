import { ApiError } from '../../errors'
import { validationFailed } from '../auth-error'
import { parseEmail } from '../email'
import type { Metadata } from '../metadata'
import { describe, type Profile, textsOf } from '../providers/profile'
import type { AttributeMapping } from './provider-row'
import { CLOCK_MS } from './saml'

/** An element as the parser of the library shows it. */
export type XmlElement = { $?: Record<string, string>; _?: string } & { [name: string]: unknown }

/** What an assertion must be about: the sign-in at hand. */
export type Expected = { entityId: string; acs: string; requestId: string | null }

/** What an assertion is good for. */
export type Assertion = { id: string; usableUntil: Date; sessionUntil: Date | null }

const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'
const FORMAT = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'
const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient'
const SUBJECT_ID = 'urn:oasis:names:tc:SAML:attribute:subject-id'
const EMAIL_NAMES = [
  'urn:oid:0.9.2342.19200300.100.1.3',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
  'http://schemas.xmlsoap.org/claims/EmailAddress',
  ...['mail', 'Mail', 'email'],
]

/**
 * The checks that the library leaves to its caller. `assertion` is what the signature covers, and nothing else of
 * the answer is looked at.
 */
export function checkAssertion(assertion: XmlElement, expected: Expected): Assertion {
  const issuer = child(assertion, 'Issuer')?._
  if (issuer !== expected.entityId) throw invalid('it is from another identity provider')
  const conditions = children(assertion, 'Conditions')
  const [condition] = conditions
  if (conditions.length !== 1 || !condition?.AudienceRestriction) throw invalid('it names no audience')
  const id = assertion.$?.ID
  if (!id) throw invalid('it has no id')
  const confirmations = children(child(assertion, 'Subject') ?? {}, 'SubjectConfirmation')
  const ends = confirmations.flatMap((each) => confirmedUntil(each, expected))
  if (ends.length === 0) throw invalid('it is not for this sign-in')
  const sessionEnds = children(assertion, 'AuthnStatement').flatMap((each) =>
    time(each.$?.SessionNotOnOrAfter),
  )
  const [firstEnd] = sessionEnds
  return {
    id,
    usableUntil: new Date(Math.max(...ends) + CLOCK_MS),
    sessionUntil: firstEnd === undefined ? null : new Date(firstEnd),
  }
}

/** Until when somebody who bears the assertion to us may use it; nothing when they may not. */
function confirmedUntil(confirmation: XmlElement, { acs, requestId }: Expected): number[] {
  const data = child(confirmation, 'SubjectConfirmationData')?.$ ?? {}
  const [end] = time(data.NotOnOrAfter)
  const isOurs = confirmation.$?.Method === BEARER && data.Recipient === acs
  const isAsked = (data.InResponseTo ?? null) === requestId
  if (!isOurs || !isAsked || end === undefined || end + CLOCK_MS <= Date.now()) return []
  return [end]
}

/** Who an assertion is about. */
export function profileOfAssertion(assertion: XmlElement, mapping: AttributeMapping | null): Profile {
  const nameId = child(child(assertion, 'Subject') ?? {}, 'NameID')
  const format = nameId?.$?.Format
  const named = nameId?._?.trim() ?? ''
  const byAddress = format === FORMAT
  const persistent = format === TRANSIENT ? '' : byAddress ? named.toLowerCase() : named
  const subject = attribute(assertion, SUBJECT_ID)[0] ?? persistent
  if (!subject) {
    throw new ApiError(
      400,
      'saml_assertion_no_user_id',
      'SAML Assertion did not contain a persistent Subject Identifier attribute or Subject NameID uniquely identifying this user',
    )
  }
  const claims = mapped(assertion, mapping)
  const address =
    claims.email ?? EMAIL_NAMES.flatMap((name) => attribute(assertion, name))[0] ?? (byAddress ? named : '')
  if (typeof address !== 'string' || address === '') {
    throw new ApiError(400, 'saml_assertion_no_email', 'SAML Assertion does not contain an email address')
  }
  const email = parseEmail(address)
  const emails = [{ email, verified: true, primary: true }]
  const texts = { ...textsOf(claims), iss: child(assertion, 'Issuer')?._ ?? '' }
  const reserved = new Set([...Object.keys(texts), 'email', 'sub', 'email_verified', 'phone_verified'])
  const kept = Object.fromEntries(Object.entries(claims).filter(([name]) => !reserved.has(name)))
  return { subject, emails, data: describe({ subject, emails, texts, kept }) }
}

function mapped(assertion: XmlElement, mapping: AttributeMapping | null): Metadata {
  const claims: Metadata = {}
  for (const [key, { name, names = [], default: fallback, array }] of Object.entries(mapping?.keys ?? {})) {
    const candidates = [...(name ? [name] : []), ...names]
    const values = candidates.map((each) => attribute(assertion, each)).find((found) => found.length > 0)
    if (values) claims[key] = array ? values : values[0]
    else if (fallback !== undefined && fallback !== null) claims[key] = fallback
  }
  return claims
}

/** The values of an attribute by its name or its friendly name. */
function attribute(assertion: XmlElement, name: string): string[] {
  return children(assertion, 'AttributeStatement')
    .flatMap((statement) => children(statement, 'Attribute'))
    .filter(({ $ }) => $?.Name === name || $?.FriendlyName === name)
    .flatMap((each) => children(each, 'AttributeValue'))
    .flatMap(({ _ }) => (_ ? [_] : []))
}

function children(element: XmlElement, name: string): XmlElement[] {
  const found = element[name]
  return Array.isArray(found) ? found.map((each) => (typeof each === 'string' ? { _: each } : each)) : []
}

function child(element: XmlElement, name: string): XmlElement | undefined {
  return children(element, name)[0]
}

function time(text: string | undefined): number[] {
  const value = Date.parse(text ?? '')
  return Number.isNaN(value) ? [] : [value]
}

function invalid(reason: string): ApiError {
  return validationFailed(`SAML Assertion is not valid: ${reason}`)
}
