import { z } from 'zod'
import { externalProviderNames } from '../../settings-external'
import type { AuthSettings } from '../auth'
import { validationFailed } from '../auth-error'
import type { CustomRow } from './custom-row'

const texts = z.array(z.string().max(200)).max(100).nullish()
const fields = {
  name: z.string().max(100).nullish(),
  client_id: z.string().max(512).nullish(),
  client_secret: z.string().max(4096).nullish(),
  acceptable_client_ids: texts,
  scopes: texts,
  custom_claims_allowlist: texts,
  pkce_enabled: z.boolean().nullish(),
  attribute_mapping: z.record(z.string(), z.unknown()).nullish(),
  authorization_params: z.record(z.string(), z.unknown()).nullish(),
  enabled: z.boolean().nullish(),
  email_optional: z.boolean().nullish(),
  issuer: z.string().max(2048).nullish(),
  discovery_url: z.string().max(2048).nullish(),
  skip_nonce_check: z.boolean().nullish(),
  authorization_url: z.string().max(2048).nullish(),
  token_url: z.string().max(2048).nullish(),
  userinfo_url: z.string().max(2048).nullish(),
  jwks_uri: z.string().max(2048).nullish(),
}

/** The body of `POST /admin/custom-providers`. */
export const createSchema = z.object({
  ...fields,
  provider_type: z.string().nullish(),
  identifier: z.string().nullish(),
})

/** The body of `PUT /admin/custom-providers/:identifier`. */
export const updateSchema = z.object(fields)

/** A provider as it is to be stored, but for what the database adds. */
export type CustomInput = Omit<CustomRow, 'id' | 'cached_discovery' | 'created_at' | 'updated_at'>

// What the sign-in itself decides about.
const RESERVED_PARAMS = 'client_id client_secret redirect_uri response_type state code_challenge'
  .concat(' code_challenge_method code_verifier nonce request request_uri')
  .split(' ')
// What the account decides about.
const PROTECTED_FIELDS = [
  'id aud role app_metadata created_at updated_at confirmed_at email_confirmed_at phone_confirmed_at',
  'banned_until is_super_admin',
].flatMap((line) => line.split(' '))
const RESERVED_NAMES: string[] = [...externalProviderNames]
const URLS = [
  'issuer',
  'discovery_url',
  'authorization_url',
  'token_url',
  'userinfo_url',
  'jwks_uri',
] as const

/** A new provider. Throws when something is missing or not allowed. */
export function readNew(body: z.infer<typeof createSchema>, settings: AuthSettings): CustomInput {
  const { provider_type: type } = body
  if (type !== 'oauth2' && type !== 'oidc') {
    throw validationFailed("provider_type must be either 'oauth2' or 'oidc'")
  }
  const blank: CustomInput = {
    ...{
      provider_type: type,
      identifier: identifierOf(body.identifier),
      name: '',
      client_id: '',
      client_secret: '',
    },
    ...{ acceptable_client_ids: [], scopes: [], custom_claims_allowlist: [] },
    ...{ attribute_mapping: {}, authorization_params: {} },
    ...{ pkce_enabled: true, enabled: true, email_optional: false, skip_nonce_check: false },
    ...{ issuer: null, discovery_url: null, authorization_url: null, token_url: null, userinfo_url: null },
    jwks_uri: null,
  }
  const input = withChanges(blank, body, settings)
  for (const name of ['name', 'client_id', 'client_secret'] as const) {
    if (!input[name]) throw validationFailed(`${name} is required`)
  }
  if (type === 'oidc' && !input.issuer) throw validationFailed('issuer is required for OIDC providers')
  for (const name of ['authorization_url', 'token_url', 'userinfo_url'] as const) {
    if (type === 'oauth2' && !input[name]) throw validationFailed(`${name} is required for OAuth2 providers`)
  }
  return input
}

/** A provider with what a body names replaced. Empty texts name nothing, as in GoTrue. */
export function withChanges(
  current: CustomInput,
  body: z.infer<typeof updateSchema>,
  settings: AuthSettings,
): CustomInput {
  const named = Object.keys(fields).flatMap((name) => {
    const value = body[name as keyof typeof body]
    return value == null || value === '' ? [] : [[name, value]]
  })
  const changed: CustomInput = { ...current, ...Object.fromEntries(named) }
  if (changed.provider_type === 'oidc' && !changed.scopes.includes('openid')) {
    changed.scopes = ['openid', ...changed.scopes]
  }
  for (const name of URLS) checkUrl(name, changed[name], settings)
  refuse(changed.authorization_params, RESERVED_PARAMS, 'Cannot override reserved OAuth parameter')
  refuse(changed.attribute_mapping, PROTECTED_FIELDS, 'Cannot map to protected system field')
  return changed
}

function identifierOf(given: string | null | undefined): string {
  if (!given) throw validationFailed('identifier is required')
  const bare = given.replace(/^custom:/, '')
  if (RESERVED_NAMES.includes(bare.toLowerCase())) {
    throw validationFailed(`Cannot use reserved provider name: ${bare}. This provider is already built in.`)
  }
  if (!/^[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])?$/.test(bare)) {
    throw validationFailed('identifier must be of lower-case letters, digits and hyphens, 42 at most')
  }
  return `custom:${bare}`
}

function checkUrl(name: string, value: string | null, { externalAllowPrivateHosts }: AuthSettings): void {
  if (value === null) return
  const protocols = externalAllowPrivateHosts ? ['https:', 'http:'] : ['https:']
  if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
    throw validationFailed(`${name} must be an address that begins with https://`)
  }
}

function refuse(given: Record<string, unknown>, forbidden: string[], because: string): void {
  const name = Object.keys(given).find((each) => forbidden.includes(each))
  if (name) throw validationFailed(`${because}: ${name}`)
}
