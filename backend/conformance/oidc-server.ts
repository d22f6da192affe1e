import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import Provider, { type Configuration } from 'oidc-provider'

/** Somebody who has an account at the provider. */
export type Subject = {
  sub: string
  email?: string
  email_verified?: boolean
  name?: string
  picture?: string
}

/** The client that the backend is at this provider. */
export const oidcClient = { client_id: 'chat', client_secret: 'a secret of the chat' }

/** A real OpenID provider on this machine. Whoever comes with a `login_hint` is that person. */
export async function startOidcServer() {
  const people = new Map<string, Subject>()
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  let handle: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => {
    response.writeHead(503).end()
  }
  let heard = () => {}
  const server = createServer((request, response) => {
    heard()
    handle(request, response)
  })
  server.on('connection', () => heard())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  /** Opens for clients that sign in at these addresses. */
  async function open(redirectUris: string[], further: Configuration = {}): Promise<void> {
    const jwk = { ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256', kid: 'one' }
    const provider = new Provider(issuer, {
      clients: [
        { ...oidcClient, redirect_uris: redirectUris, token_endpoint_auth_method: 'client_secret_post' },
      ],
      jwks: { keys: [jwk] },
      cookies: { keys: ['a key for tests'] },
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'picture'] },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
      ttl: { Interaction: 60, Session: 60, Grant: 60, AccessToken: 60, IdToken: 60 },
      async findAccount(_, id) {
        const person = people.get(id)
        return person && { accountId: id, claims: async () => ({ ...person }) }
      },
      ...further,
    })
    const serve = provider.callback()
    handle = (request, response) => {
      if (!request.url?.startsWith('/interaction/')) return void serve(request, response)
      answer(provider, request, response).catch(() => response.writeHead(500).end())
    }
  }

  /** An ID token as this provider would make it, with other claims where the test wants them. */
  function idToken(claims: JWTPayload, key: CryptoKey = privateKey): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    const usual = { iss: issuer, aud: oidcClient.client_id, iat: now, exp: now + 60 }
    return new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(key)
  }

  return {
    /** Called for every connection and request. */
    onRequest(listener: () => void) {
      heard = listener
    },
    idToken,
    issuer,
    people,
    open,
    add(person: Subject): Subject {
      people.set(person.sub, person)
      return person
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** What a sign-in page would ask: who it is, and whether that is all right. `login_hint` "nobody" says no. */
async function answer(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response)
  const accountId = session?.accountId ?? String(params.login_hint)
  if (accountId === 'nobody') {
    const refusal = { error: 'access_denied', error_description: 'The person said no' }
    return provider.interactionFinished(request, response, refusal)
  }
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId } })
  }
  const grant = new provider.Grant({ accountId, clientId: String(params.client_id) })
  grant.addOIDCScope('openid email profile')
  return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } })
}
