import { FetchRefused } from '../../guarded-fetch'
import type { Auth } from '../auth'
import { validationFailed } from '../auth-error'
import type { CustomInput } from './custom-input'
import { providerOf } from './custom-row'
import { configurationOf } from './discovery'

// What auth-js knows of a discovery document.
const SHOWN = [
  'issuer authorization_endpoint token_endpoint jwks_uri userinfo_endpoint revocation_endpoint',
  'scopes_supported response_types_supported subject_types_supported id_token_signing_alg_values_supported',
].flatMap((line) => line.split(' '))

/** Asks an OpenID provider what it says of itself, before it is stored. Throws what an administrator can act on. */
export async function discover(
  auth: Auth,
  input: CustomInput,
  secret: string,
): Promise<Record<string, unknown> | null> {
  if (input.provider_type !== 'oidc') return null
  const unsaved = { id: '', cached_discovery: null, created_at: new Date(), updated_at: new Date() }
  try {
    const config = await configurationOf(providerOf(auth, { ...input, ...unsaved }, secret))
    const document: Record<string, unknown> = { ...config.serverMetadata() }
    for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri']) {
      if (!isWebAddress(document[name])) throw new Error(`it has no ${name}`)
    }
    return Object.fromEntries(
      SHOWN.flatMap((name) => (document[name] === undefined ? [] : [[name, document[name]]])),
    )
  } catch (error) {
    throw validationFailed(`The discovery document of ${input.issuer} cannot be used: ${reasonOf(error)}`)
  }
}

/** The innermost reason: the library wraps what went wrong. An answer is never quoted. */
function reasonOf(error: unknown): string {
  let reason = error
  while (reason instanceof Error && reason.cause instanceof Error) reason = reason.cause
  if (reason instanceof FetchRefused) return reason.message
  return reason instanceof Error ? reason.message.slice(0, 200) : 'unknown error'
}

function isWebAddress(value: unknown): boolean {
  return typeof value === 'string' && /^https?:\/\//.test(value)
}
