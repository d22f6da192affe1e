import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { SupabaseClient } from '@supabase/supabase-js'
import type { CDPSession, Page } from 'playwright-core'
import { launchBrowser } from '../../e2e/browser'

/** supabase-js as a page loads it. */
const library = createRequire(import.meta.url).resolve('@supabase/supabase-js/dist/umd/supabase.js')

declare global {
  interface Window {
    /** Signed in as whoever the page belongs to. */
    client: SupabaseClient
    supabase: typeof import('@supabase/supabase-js')
  }
}

/** The device itself, which asks who holds it, or a security key, which does not. */
export type AuthenticatorKind = 'device' | 'key'

/** A tab of somebody with a browser, and an authenticator, of their own. */
export type Tab = {
  page: Page
  /** The authenticator: its credentials, and whether its owner shows a finger. */
  cdp: CDPSession
  authenticatorId: string
}

/** Pages on localhost, where browsers allow WebAuthn, and a browser to open them in. */
export async function startPages() {
  const script = readFileSync(library)
  const server = createServer((request, response) => {
    const isScript = request.url === '/supabase.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? script : '<!doctype html><title>Test</title><script src="/supabase.js"></script>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const origin = `http://localhost:${port}`
  const browser = await launchBrowser()

  return {
    origin,
    /** Opens a page in a browser profile of its own, with supabase-js for this backend. */
    async open(url: string, key: string, kind: AuthenticatorKind = 'device'): Promise<Tab> {
      const context = await browser.newContext()
      const page = await context.newPage()
      await page.goto(origin)
      await page.evaluate(
        ([url, key]) => {
          window.client = window.supabase.createClient(url ?? '', key ?? '', {
            auth: { experimental: { passkey: true } },
          })
        },
        [url, key],
      )
      const cdp = await context.newCDPSession(page)
      await cdp.send('WebAuthn.enable')
      const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          transport: kind === 'device' ? 'internal' : 'usb',
          hasResidentKey: kind === 'device',
          hasUserVerification: kind === 'device',
          isUserVerified: kind === 'device',
          automaticPresenceSimulation: true,
        },
      })
      return { page, cdp, authenticatorId }
    },
    async stop() {
      await browser.close()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Signs the person of a page in, there. */
export async function signInOnPage({ page }: Tab, email: string, password: string): Promise<void> {
  const message = await page.evaluate(
    async ([email, password]) => {
      const credentials = { email: email ?? '', password: password ?? '' }
      const { error } = await window.client.auth.signInWithPassword(credentials)
      return error?.message
    },
    [email, password],
  )
  if (message) throw new Error(message)
}

/** What the authenticator signs when a page asks for these options. */
export function signOptions({ page }: Pick<Tab, 'page'>, options: unknown): Promise<Record<string, unknown>> {
  return page.evaluate(async (options) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as never)
    const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential
    return { ...credential.toJSON() }
  }, options)
}

/** The credential that the authenticator makes when a page asks for these options. */
export function createFromOptions({ page }: Tab, options: unknown): Promise<Record<string, unknown>> {
  return page.evaluate(async (options) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as never)
    const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential
    return { ...credential.toJSON() }
  }, options)
}
