import { ApiError } from '../../errors'
import { parseEmail } from '../email'
import type { Metadata } from '../metadata'
import type { Provider } from './provider'

/** An address as a provider knows it. */
export type ProviderEmail = { email: string; verified: boolean; primary: boolean }

/** Somebody as a provider describes them. */
export type Profile = {
  /** The provider's own, never changing name for them. */
  subject: string
  emails: ProviderEmail[]
  /** What is kept with the identity and shown as the person's metadata. */
  data: Metadata
}

// The claims that GoTrue keeps.
const TEXTS = [
  'iss name family_name given_name middle_name nickname preferred_username profile picture website gender',
  'birthdate zoneinfo locale phone full_name avatar_url slug user_name',
].flatMap((line) => line.split(' '))
/** Everything travels in every token; a picture inside a claim is not for that. */
const LONGEST = 1024

/** Reads the claims of a provider. */
export function profileOf(provider: Provider, given: Record<string, unknown>): Profile {
  const claims = mapped(given, provider.mapping)
  const { sub } = claims
  if ((typeof sub !== 'string' && typeof sub !== 'number') || sub === '') {
    throw new ApiError(500, 'unexpected_failure', 'Error getting user profile from external provider')
  }
  const subject = String(sub)
  const emails = emailsOf(provider, claims)
  const kept = pick(claims, provider.keptClaims, (value) => value != null)
  return { subject, emails, data: describe({ subject, emails, texts: textsOf(claims), kept }) }
}

/** What is kept of a person: their names, their address, and what else the provider is known for. */
export function describe(known: {
  subject: string
  emails: ProviderEmail[]
  texts: Metadata
  kept: Metadata
}): Metadata {
  const { subject, emails, texts, kept } = known
  const shown = emails.find(({ primary }) => primary) ?? emails[0]
  return {
    ...texts,
    sub: subject,
    provider_id: subject,
    ...(texts.name && !texts.full_name ? { full_name: texts.name } : {}),
    ...(texts.picture && !texts.avatar_url ? { avatar_url: texts.picture } : {}),
    ...(shown ? { email: shown.email } : {}),
    email_verified: shown?.verified ?? false,
    phone_verified: false,
    ...(Object.keys(kept).length > 0 ? { custom_claims: kept } : {}),
  }
}

/** The claims with a fixed meaning that are texts of a sensible length. */
export function textsOf(claims: Record<string, unknown>): Metadata {
  return pick(claims, TEXTS, (value) => typeof value === 'string' && value !== '' && value.length <= LONGEST)
}

function pick(from: Metadata, names: string[], wanted: (value: unknown) => boolean): Metadata {
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(from, name) && wanted(from[name])).map((name) => [name, from[name]]),
  )
}

function mapped(claims: Record<string, unknown>, mapping: Record<string, unknown>): Record<string, unknown> {
  const result = { ...claims }
  for (const [target, source] of Object.entries(mapping)) {
    if (typeof source !== 'string') result[target] = source
    else if (Object.hasOwn(claims, source)) result[target] = claims[source]
  }
  return result
}

function emailsOf(provider: Provider, claims: Record<string, unknown>): ProviderEmail[] {
  if (Array.isArray(claims.emails)) {
    return claims.emails.flatMap((each) =>
      address(each?.email, isTrue(each?.verified), isTrue(each?.primary)),
    )
  }
  return address(claims.email, isVerified(provider, claims), true)
}

function address(email: unknown, verified: boolean, primary: boolean): ProviderEmail[] {
  if (typeof email !== 'string' || email === '') return []
  return [{ email: parseEmail(email), verified, primary }]
}

function isVerified(provider: Provider, claims: Record<string, unknown>): boolean {
  if (claims.email_verified !== undefined) return isTrue(claims.email_verified)
  return isMicrosoft(provider) && microsoftVouches(provider.issuer, claims)
}

/**
 * Microsoft sends no `email_verified`. `xms_edov` says that the tenant owns the address's domain. Without it GoTrue
 * believes every address; here only that of a single tenant, whose administrator sets the addresses: in an
 * application that is open to all tenants, the administrator of any of them could claim anybody's.
 */
function microsoftVouches(issuer: string, claims: Record<string, unknown>): boolean {
  if (claims.xms_edov !== undefined) return isTrue(claims.xms_edov)
  const [, tenant = ''] = new URL(issuer).pathname.split('/')
  return !['common', 'organizations', 'consumers', ''].includes(tenant.toLowerCase())
}

function isMicrosoft({ issuer }: Provider): boolean {
  return URL.canParse(issuer) && new URL(issuer).origin === 'https://login.microsoftonline.com'
}

/** Some providers write booleans as text. */
function isTrue(value: unknown): boolean {
  return value === true || value === 'true' || value === 1 || value === '1'
}
