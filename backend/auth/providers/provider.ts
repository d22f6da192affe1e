import { ApiError } from '../../errors'
import type { FetchLimits } from '../../guarded-fetch'
import type { Auth } from '../auth'
import { validationFailed } from '../auth-error'
import { builtInProvider } from './built-in'
import { findCustomProvider } from './custom-row'
import type { ProviderKind } from './kinds'

/** Another site that says who somebody is. */
export type Provider = {
  /** `google`, `custom:okta`. */
  name: string
  /** The first one is used for sign-ins that begin here; ID tokens for any of them are accepted. */
  clientIds: string[]
  secret: string
  scopes: string[]
  /** Whether a code challenge is sent to the provider. */
  pkce: boolean
  /** Whether the provider repeats a nonce in its ID token. */
  nonce: boolean
  /** Whether an ID token that an application brings may come without the nonce it was asked for with. */
  skipNonceCheck: boolean
  emailOptional: boolean
  /** Sent along to the provider's sign-in page. */
  params: Record<string, string>
  /** Where a claim is to come from, or its value when that is no text. */
  mapping: Record<string, unknown>
  /** Claims that are kept as they are. */
  keptClaims: string[]
  limits: FetchLimits
} & ProviderKind

/** The provider of this name. Throws when there is none, or when it is switched off. */
export async function findProvider(auth: Auth, name: string): Promise<Provider> {
  const provider = name.startsWith('custom:')
    ? await findCustomProvider(auth, name)
    : builtInProvider(auth.settings.externalProviders, name)
  if (provider === 'disabled') {
    throw new ApiError(400, 'validation_failed', 'Unsupported provider: provider is not enabled')
  }
  if (!provider) {
    throw validationFailed(`Unsupported provider: Provider ${name.slice(0, 60)} could not be found`)
  }
  return provider
}
