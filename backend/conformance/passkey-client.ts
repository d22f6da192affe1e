import { type Person, password, startAuth } from './auth-client'
import { type AuthenticatorKind, signInOnPage, signOptions, startPages, type Tab } from './authenticator-page'

/** A backend whose site is a page in a real browser, and the people who use it there. */
export async function startPasskeys() {
  const pages = await startPages()
  const auth = await startAuth({ siteUrl: pages.origin, webauthnName: 'Test chat' })

  /** A person who is signed in on a page. */
  async function signUpOnPage(kind: AuthenticatorKind = 'device'): Promise<Person & { tab: Tab }> {
    const person = await auth.signUp()
    const tab = await pages.open(auth.server.url, auth.server.publishableKey, kind)
    await signInOnPage(tab, person.email, password)
    return { ...person, tab }
  }

  /** The same with a passkey. */
  async function signUpWithPasskey() {
    const person = await signUpOnPage()
    const passkey = await person.tab.page.evaluate(
      async () => (await window.client.auth.registerPasskey()).data,
    )
    if (!passkey) throw new Error('no passkey')
    return { ...person, passkey }
  }

  /** A request about passkeys, as curl sends it. */
  async function ask(path: string, body: unknown = {}, session?: Person['session']) {
    const headers: Record<string, string> = session ? { authorization: `Bearer ${session.access_token}` } : {}
    const answer = await auth.post(`/passkeys${path}`, body, headers)
    return { status: answer.status, ...(await answer.json()) }
  }

  /** A challenge, and the authenticator's answer to it. */
  async function signed({ page }: Pick<Tab, 'page'>, changes: Record<string, unknown> = {}) {
    const { challenge_id, options } = await ask('/authentication/options')
    return { challenge_id, credential: await signOptions({ page }, { ...options, ...changes }) }
  }

  async function stop() {
    await auth.server.stop()
    await pages.stop()
  }

  return { auth, pages, signUpOnPage, signUpWithPasskey, ask, signed, stop }
}
