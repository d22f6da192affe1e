import { createHash } from 'node:crypto'
import * as client from 'openid-client'
import { guardedFetch } from '../../guarded-fetch'
import type { Provider } from './provider'

/** Discovery documents change rarely, and every sign-in needs one twice. */
const FRESH_MS = 600_000
const MAX_KEPT = 200
const TIMEOUT_SECONDS = 10

const discovered = new Map<string, { at: number; config: Promise<client.Configuration> }>()

/** The provider as its discovery document describes it. Throws when that cannot be read or names another issuer. */
export function configurationOf(provider: Provider): Promise<client.Configuration> {
  const { kind, issuer, clientIds, limits } = provider
  const where = provider.kind === 'oidc' ? provider.discoveryUrl : provider.endpoints
  const secret = createHash('sha256').update(provider.secret).digest('base64url')
  const id = JSON.stringify([provider.name, kind, issuer, where, clientIds, secret, limits])
  const known = discovered.get(id)
  if (known && Date.now() - known.at < FRESH_MS) return known.config
  const config = configure(provider)
  if (discovered.size >= MAX_KEPT) discovered.clear()
  discovered.set(id, { at: Date.now(), config })
  config.catch(() => discovered.delete(id))
  return config
}

async function configure(provider: Provider): Promise<client.Configuration> {
  const [clientId = ''] = provider.clientIds
  const metadata = { client_secret: provider.secret }
  const clientAuth = client.ClientSecretPost(provider.secret)
  const fetcher = fetcherOf(provider)
  // Whether http is good enough is decided by the fetcher, for each address.
  const execute = provider.limits.allowPrivateHosts ? [client.allowInsecureRequests] : []
  if (provider.kind === 'oidc') {
    const at = new URL(provider.discoveryUrl ?? provider.issuer)
    const options = { execute, [client.customFetch]: fetcher, timeout: TIMEOUT_SECONDS }
    const config = await client.discovery(at, clientId, metadata, clientAuth, options)
    if (provider.discoveryUrl && trimmed(config.serverMetadata().issuer) !== trimmed(provider.issuer)) {
      throw new Error('the discovery document is of another issuer')
    }
    return config
  }
  const { authorization, token, userinfo } = provider.endpoints
  const server = {
    issuer: provider.issuer,
    authorization_endpoint: authorization,
    token_endpoint: token,
    userinfo_endpoint: userinfo,
  }
  const config = new client.Configuration(server, clientId, metadata, clientAuth)
  config[client.customFetch] = fetcher
  config.timeout = TIMEOUT_SECONDS
  for (const set of execute) set(config)
  return config
}

/** Requests to a provider under its limits. */
export function fetcherOf({ limits }: Provider) {
  return (
    url: string,
    options: {
      method?: string
      headers?: ConstructorParameters<typeof Headers>[0]
      body?: unknown
      signal?: AbortSignal
    },
  ) => guardedFetch(url, { ...options, headers: Object.fromEntries(new Headers(options.headers)) }, limits)
}

function trimmed(issuer: string): string {
  return issuer.replace(/\/$/, '')
}
