import type { Settings } from '../settings'
import { startTestSmtp } from '../testing/smtp'
import { password, startAuth } from './auth-client'

/** The site as people know it; links lead there, and `open` asks the server in its place. */
export const site = 'https://chat.example.com'

/** Auth with a real mail server in this process, and what a person does with their mails. */
export async function startMailAuth(settings: Partial<Settings> = {}) {
  const smtp = await startTestSmtp()
  const roomy = { rateLimitOtps: 10_000, rateLimitVerifies: 10_000, rateLimitMails: 100_000 }
  const auth = await startAuth({
    ...roomy,
    mailIntervalSeconds: 0,
    siteUrl: site,
    redirectUrls: ['https://elsewhere.example.org/**'],
    smtp: smtp.settings,
    ...settings,
  })

  /** The link as a browser opens it, without following where it leads. */
  function open(link: string, init: RequestInit = {}): Promise<Response> {
    return fetch(link.replace(site, auth.server.url), { redirect: 'manual', ...init })
  }

  /** The link, the page behind it, and its button. */
  async function press(link: string): Promise<URL> {
    const page = await open(link)
    if (page.status !== 200) return new URL(page.headers.get('location') ?? 'about:blank')
    const fields = [...(await page.text()).matchAll(/name="(\w+)" value="([^"]*)"/g)]
    const form = fields.map(([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')])
    const answer = await open(`${site}/auth/v1/verify`, { method: 'POST', body: new URLSearchParams(form) })
    return new URL(answer.headers.get('location') ?? 'about:blank')
  }

  /** Somebody who has signed up and pressed the button in the mail. */
  async function member(data: Record<string, unknown> = {}) {
    const [supabase, email] = [auth.client(), auth.newEmail()]
    await supabase.auth.signUp({ email, password, options: { data } })
    const { code } = await smtp.mailTo(email)
    const { data: answer, error } = await supabase.auth.verifyOtp({ email, token: code, type: 'signup' })
    if (error || !answer.session || !answer.user) throw error ?? new Error('not signed in')
    return { supabase, email, session: answer.session, user: answer.user }
  }

  async function stop() {
    await auth.server.stop()
    await smtp.stop()
  }

  return { ...auth, smtp, open, press, member, stop }
}

/** What is behind the `#` of an address. */
export function fragment(url: URL): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(url.hash.slice(1)))
}
