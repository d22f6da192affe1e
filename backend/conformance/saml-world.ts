import type { SupabaseClient } from '@supabase/supabase-js'
import type { Settings } from '../settings'
import { startAuth } from './auth-client'
import { Browser, type Page } from './browser'
import { APP } from './oidc-world'
import type { createSamlIdp, SamlChanges, SamlPerson } from './saml-idp'

type Idp = Awaited<ReturnType<typeof createSamlIdp>>

/** A backend that identity providers can be added to. */
export async function startWithSaml(settings: Partial<Settings> = {}) {
  const auth = await startAuth({ redirectUrls: ['https://app.example.com/**'], ...settings })
  const base = `${auth.server.url}/auth/v1`
  const metadata = await (await fetch(`${base}/sso/saml/metadata`)).text()

  /** A request of an administrator. */
  async function admin(method: string, path: string, body?: unknown) {
    const answer = await auth.ask(`/admin/sso/providers${path}`, {
      method,
      headers: { apikey: auth.server.secretKey },
      body: body === undefined ? null : JSON.stringify(body),
    })
    return { status: answer.status, body: await answer.json() }
  }

  /** Adds an identity provider and returns its id. */
  async function add(idp: Idp, more: object = {}): Promise<string> {
    const added = await admin('POST', '', { type: 'saml', metadata_xml: idp.metadata, ...more })
    if (added.status !== 201) throw new Error(JSON.stringify(added.body))
    return added.body.id
  }

  /** Begins a sign-in: the address of the identity provider. */
  async function begin(supabase: SupabaseClient, providerId: string, redirectTo = APP): Promise<string> {
    const { data, error } = await supabase.auth.signInWithSSO({
      providerId,
      options: { redirectTo, skipBrowserRedirect: true },
    })
    if (error) throw error
    return data.url
  }

  /** Brings a response, as the form of an identity provider does. */
  function bring(response: string, relayState: string, at = base): Promise<Page> {
    return new Browser().open(`${at}/sso/saml/acs`, undefined, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ SAMLResponse: response, RelayState: relayState }),
    })
  }

  /** A whole sign-in; `tamper` stands between the identity provider and us. */
  async function signIn(
    idp: Idp,
    providerId: string,
    person: SamlPerson,
    options: {
      changes?: SamlChanges
      tamper?: (xml: string) => string
      supabase?: SupabaseClient
      redirectTo?: string
    } = {},
  ): Promise<Page> {
    const { changes, tamper = (xml: string) => xml, supabase = auth.client(), redirectTo } = options
    const url = await begin(supabase, providerId, redirectTo)
    const response = await idp.respond({ metadata, url }, person, changes)
    const xml = tamper(Buffer.from(response, 'base64').toString())
    return bring(Buffer.from(xml).toString('base64'), relayStateOf(url))
  }

  return { auth, base, metadata, admin, add, begin, bring, signIn, stop: () => auth.server.stop() }
}

/** The RelayState of a request. */
export function relayStateOf(url: string): string {
  return new URL(url).searchParams.get('RelayState') ?? ''
}
