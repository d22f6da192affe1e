import { createClient, type SupabaseClient, type User } from '@supabase/supabase-js'
import WebSocket from 'ws'
import type { Settings } from '../settings'
import { startAuth } from './auth-client'
import { Browser, type Page } from './browser'
import { oidcClient, type Subject, startOidcServer } from './oidc-server'

/** An address of an application that sign-ins may end at. */
export const APP = 'https://app.example.com/signed-in'

/** A backend and an OpenID provider that it knows as `keycloak`. */
export async function startWithOidc(settings: Partial<Settings> = {}) {
  const idp = await startOidcServer()
  const common = { skipNonceCheck: false, emailOptional: false }
  const client = { clientIds: [oidcClient.client_id], secret: oidcClient.client_secret, ...common }
  const auth = await startAuth({
    externalProviders: { keycloak: { ...client, url: idp.issuer } },
    redirectUrls: ['https://app.example.com/**', 'chat://signed-in'],
    ...settings,
  })
  await idp.open([`${auth.server.url}/auth/v1/callback`])
  let people = 0

  /** Somebody with an account at the provider. */
  function newPerson(more: Partial<Subject> = {}): Subject {
    people += 1
    const email = `grace.${people}@example.com`
    return idp.add({ sub: `person-${people}`, email, email_verified: true, name: 'Grace Hopper', ...more })
  }

  /** An application in which sign-ins end with a code. `verifier` replaces the one that it would keep. */
  function withPkce(verifier?: string): SupabaseClient {
    const kept = new Map<string, string>()
    const storage = {
      getItem: (key: string) =>
        verifier && key.endsWith('-code-verifier') ? JSON.stringify(verifier) : (kept.get(key) ?? null),
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    }
    return createClient(auth.server.url, auth.server.publishableKey, {
      auth: { flowType: 'pkce', storage, autoRefreshToken: false, detectSessionInUrl: false },
      realtime: { transport: WebSocket as never },
    })
  }

  /** Goes through the provider's pages as this person. */
  async function signIn(
    supabase: SupabaseClient,
    person: string,
    options: { browser?: Browser; redirectTo?: string; stopAt?: string; provider?: string } = {},
  ): Promise<Page> {
    const { browser = new Browser(), redirectTo = APP, stopAt = 'https://app.example.com/' } = options
    const { data, error } = await supabase.auth.signInWithOAuth({
      provider: (options.provider ?? 'keycloak') as 'keycloak',
      options: { redirectTo, queryParams: { login_hint: person }, skipBrowserRedirect: true },
    })
    if (error) throw error
    return browser.open(data.url, stopAt)
  }

  /** Who is signed in on a page that got a session in its fragment. */
  async function userOf(page: Page): Promise<User> {
    const token = fragment(page).access_token
    if (!token) throw new Error(`not signed in: ${page.url.href}`)
    const { data, error } = await auth.client().auth.getUser(token)
    if (error) throw error
    return data.user
  }

  async function stop() {
    await auth.server.stop()
    await idp.stop()
  }

  return { auth, idp, newPerson, withPkce, implicit: () => auth.client(), signIn, userOf, stop }
}

/** The fields in the fragment of a page. */
export function fragment(page: Page): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(page.url.hash.slice(1)))
}

/** The fields in the query of a page. */
export function query(page: Page): Record<string, string> {
  return Object.fromEntries(page.url.searchParams)
}
