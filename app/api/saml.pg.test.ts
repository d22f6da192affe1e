import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import WebSocket from 'ws'
import { Browser } from '@/backend/conformance/browser'
import { createSamlIdp, type SamlPerson } from '@/backend/conformance/saml-idp'
import { startTestServer, type TestServer } from '@/backend/testing/server'
import { DELETE, POST, PUT } from './workspaces/[id]/sso/route'

const APP = 'https://app.example.com/signed-in'
const BY_ADDRESS = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'
const password = 'correct horse battery'
let server: TestServer
let idp: Awaited<ReturnType<typeof createSamlIdp>>
let workspace: string
let owner: SupabaseClient

const connect = () =>
  createClient(server.url, server.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: WebSocket as never },
  })

beforeAll(async () => {
  server = await startTestServer({ settings: { redirectUrls: ['https://app.example.com/**'] } })
  idp = await createSamlIdp('https://idp.acme.test')
  vi.stubEnv('SUPABASE_INTERNAL_URL', server.url)
  vi.stubEnv('SUPABASE_ANON_KEY', server.publishableKey)
  vi.stubEnv('SUPABASE_SERVICE_ROLE_KEY', server.secretKey)
  owner = connect()
  await owner.auth.signUp({ email: 'olga@acme.test', password })
  workspace = (await owner.rpc('create_workspace', { name: 'Acme' })).data.id
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.stop()
})

async function ask(route: typeof POST, body: object) {
  const { data } = await owner.auth.getSession()
  const authorization = `Bearer ${data.session?.access_token}`
  const request = new Request('http://127.0.0.1/', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify(body),
  })
  const response = await route(request, { params: Promise.resolve({ id: workspace }) })
  return { status: response.status, answer: await response.json() }
}

/** A whole sign-in at the identity provider, as `signInWithSSO` begins it. */
async function signIn(domain: string, person: SamlPerson): Promise<SupabaseClient> {
  const supabase = connect()
  const begun = await supabase.auth.signInWithSSO({
    domain,
    options: { redirectTo: APP, skipBrowserRedirect: true },
  })
  const url = begun.data?.url ?? ''
  const metadata = await (await fetch(`${server.url}/auth/v1/sso/saml/metadata`)).text()
  const SAMLResponse = await idp.respond({ metadata, url }, person, { nameIdFormat: BY_ADDRESS })
  const RelayState = new URL(url).searchParams.get('RelayState') ?? ''
  const page = await new Browser().open(`${server.url}/auth/v1/sso/saml/acs`, APP, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ SAMLResponse, RelayState }),
  })
  const fields = new URLSearchParams(page.url.hash.slice(1))
  const [access_token, refresh_token] = [fields.get('access_token') ?? '', fields.get('refresh_token') ?? '']
  expect((await supabase.auth.setSession({ access_token, refresh_token })).error).toBe(null)
  return supabase
}

test('a SAML connection, from its metadata to the rule that asks for it', async () => {
  const { admin } = server.database
  const saml = { kind: 'saml', name: 'Acme', domains: ['acme.test'], metadata_xml: idp.metadata }
  const { status, answer } = await ask(POST, saml)
  expect([status, answer.kind]).toEqual([200, 'saml'])
  expect(await admin`select id::text from auth.sso_providers`).toEqual([{ id: answer.provider }])

  // Newcomers are members from the first sign-in on.
  const nora = await signIn('acme.test', { nameId: 'nora@acme.test' })
  expect((await nora.rpc('bootstrap')).data.workspace).toMatchObject({ id: workspace, role: 'member' })

  // Somebody who was there with a password keeps the account, once an owner has linked it.
  const { data: invited } = await owner.rpc('create_invitation', { workspace_id: workspace })
  const ada = connect()
  const { data: account } = await ada.auth.signUp({ email: 'ada@acme.test', password })
  await ada.rpc('accept_invitation', { code: invited.code })
  expect((await owner.rpc('link_sso_members', { connection_id: answer.id })).data).toEqual({ linked: 2 })
  const again = await signIn('acme.test', { nameId: 'ada@acme.test' })
  expect((await again.auth.getUser()).data.user?.id).toBe(account.user?.id)
  expect(await admin`select id from auth.users where email = 'ada@acme.test'`).toHaveLength(1)

  // The owner came with a password: the rule needs somebody for whom it works.
  const rule = { workspace_id: workspace, require_sso: true }
  expect((await owner.rpc('set_workspace_security', rule)).error?.details).toBe('sso_needed')
  const olga = await signIn('acme.test', { nameId: 'olga@acme.test' })
  expect((await olga.rpc('set_workspace_security', rule)).data).toMatchObject({ require_sso: true })
  expect((await ada.rpc('session_requirements')).data).toMatchObject({ ok: false, ended: true })
  expect((await again.rpc('session_requirements')).data).toMatchObject({ ok: true })
  expect((await nora.rpc('session_requirements')).data).toMatchObject({ ok: true })
  expect((await owner.rpc('session_requirements')).data).toMatchObject({ ok: true })

  // Changed, then gone, and Auth's provider with it.
  const changed = await ask(PUT, { id: answer.id, domains: ['acme.test', 'acme.example'] })
  expect(changed.answer.domains).toEqual(['acme.example', 'acme.test'])
  expect(await admin`select domain from auth.sso_domains order by 1`).toEqual([
    { domain: 'acme.example' },
    { domain: 'acme.test' },
  ])
  expect((await ask(DELETE, { id: answer.id })).status).toBe(200)
  expect(await admin`select id from auth.sso_providers`).toHaveLength(0)
})

test('metadata that are none leave nothing behind', async () => {
  const { admin } = server.database
  const bad = { kind: 'saml', name: 'Bad', domains: ['bad.test'], metadata_xml: '<x/>' }
  expect((await ask(POST, bad)).status).toBe(400)
  const good = { ...bad, metadata_xml: idp.metadata, domains: ['not a domain'] }
  expect((await ask(POST, good)).status).toBeOneOf([400, 422])
  expect(await admin`select id from auth.sso_providers`).toHaveLength(0)
  expect(await admin`select id from sso_connections`).toHaveLength(0)
})
