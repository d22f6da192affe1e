import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import WebSocket from 'ws'
import { Browser } from '@/backend/conformance/browser'
import { oidcClient, startOidcServer } from '@/backend/conformance/oidc-server'
import { startTestServer, type TestServer } from '@/backend/testing/server'
import { DELETE, GET, POST, PUT } from './workspaces/[id]/sso/route'

const APP = 'https://app.example.com/signed-in'
const password = 'correct horse battery'
let server: TestServer
let idp: Awaited<ReturnType<typeof startOidcServer>>
let workspace: string
let elsewhere: string
let oidc: Record<string, unknown>
const clients = {} as Record<'owner' | 'admin' | 'outsider', SupabaseClient>

const connect = () =>
  createClient(server.url, server.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: WebSocket as never },
  })

beforeAll(async () => {
  server = await startTestServer({
    settings: { externalAllowPrivateHosts: true, redirectUrls: ['https://app.example.com/**'] },
  })
  idp = await startOidcServer()
  await idp.open([`${server.url}/auth/v1/callback`])
  oidc = { kind: 'oidc', name: 'Acme', domains: ['acme.test'], issuer: idp.issuer, ...oidcClient }
  vi.stubEnv('SUPABASE_INTERNAL_URL', server.url)
  vi.stubEnv('SUPABASE_ANON_KEY', server.publishableKey)
  vi.stubEnv('SUPABASE_SERVICE_ROLE_KEY', server.secretKey)
  for (const name of ['owner', 'admin', 'outsider'] as const) {
    clients[name] = connect()
    await clients[name].auth.signUp({ email: `${name}@example.test`, password })
  }
  workspace = (await clients.owner.rpc('create_workspace', { name: 'Acme' })).data.id
  elsewhere = (await clients.outsider.rpc('create_workspace', { name: 'Elsewhere' })).data.id
  const invitation = { workspace_id: workspace, role: 'admin' }
  const { data } = await clients.owner.rpc('create_invitation', invitation)
  await clients.admin.rpc('accept_invitation', { code: data.code })
})
beforeEach(async () => {
  await server.database.admin`delete from sso_connections`
  await server.database.admin`delete from auth.custom_oauth_providers`
  vi.spyOn(console, 'error').mockImplementation(() => {})
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.stop()
  await idp.stop()
})

type Route = typeof GET
async function ask(route: Route, who: keyof typeof clients, body?: object, id = workspace) {
  const { data } = await clients[who].auth.getSession()
  const request = new Request('http://127.0.0.1/', {
    method: body ? 'POST' : 'GET',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${data.session?.access_token}`,
      'x-forwarded-host': 'chat.acme.test',
      'x-forwarded-proto': 'https',
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const response = await route(request, { params: Promise.resolve({ id }) })
  return { status: response.status, answer: await response.json() }
}
const providers = async () =>
  (await server.database.admin`select name, identifier from auth.custom_oauth_providers`).map((row) => ({
    ...row,
  }))

describe('an OpenID connection', () => {
  test('is made, listed, changed and deleted, and its provider with it', async () => {
    const made = await ask(POST, 'owner', oidc)
    expect(made).toMatchObject({
      status: 200,
      answer: { kind: 'oidc', name: 'Acme', domains: ['acme.test'], default_role: 'member' },
    })
    const { id, provider } = made.answer
    expect(provider).toMatch(/^custom:sso-[0-9a-f]{10}$/)
    expect(await providers()).toEqual([{ name: 'Acme', identifier: provider }])
    expect(JSON.stringify(made.answer)).not.toContain(oidcClient.client_secret)

    const listed = await ask(GET, 'owner')
    expect(listed.answer).toEqual({
      connections: [made.answer],
      service_provider: {
        entity_id: 'https://chat.acme.test/auth/v1/sso/saml/metadata',
        metadata_url: 'https://chat.acme.test/auth/v1/sso/saml/metadata',
        acs_url: 'https://chat.acme.test/auth/v1/sso/saml/acs',
        callback_url: 'https://chat.acme.test/auth/v1/callback',
      },
    })
    const changed = await ask(PUT, 'owner', { id, name: 'Acme Inc.', domains: ['acme.test', 'acme.example'] })
    expect(changed.answer).toMatchObject({ id, name: 'Acme Inc.', domains: ['acme.example', 'acme.test'] })
    expect(await providers()).toEqual([{ name: 'Acme Inc.', identifier: provider }])
    expect((await ask(DELETE, 'owner', { id })).answer).toEqual({ id })
    expect(await providers()).toEqual([])
    expect((await ask(DELETE, 'owner', { id })).answer).toMatchObject({ code: 'connection_not_found' })
  })

  test('is nobody else’s business', async () => {
    const { answer } = await ask(POST, 'owner', oidc)
    for (const who of ['admin', 'outsider'] as const) {
      expect((await ask(GET, who)).status).toBe(403)
      expect((await ask(POST, who, oidc)).status).toBe(403)
      expect((await ask(PUT, who, { id: answer.id, name: 'Mine' })).status).toBe(403)
      expect((await ask(DELETE, who, { id: answer.id })).status).toBe(403)
    }
    // An owner, but of a workspace that came later.
    expect((await ask(POST, 'outsider', oidc, elsewhere)).status).toBe(403)
    expect(await providers()).toHaveLength(1)
  })

  test('that cannot be leaves nothing behind', async () => {
    await ask(POST, 'owner', oidc)
    const twice = await ask(POST, 'owner', oidc)
    expect(twice).toMatchObject({ status: 409, answer: { code: 'domain_taken' } })
    const domains = ['not a domain']
    expect(await ask(POST, 'owner', { ...oidc, domains })).toMatchObject({
      ...{ status: 422, answer: { code: 'domain_invalid' } },
    })
    expect(await providers()).toHaveLength(1)
    const { answer } = await ask(GET, 'owner')
    const change = { id: answer.connections[0].id, issuer: 'http://127.0.0.1:1' }
    expect((await ask(PUT, 'owner', { ...change, name: 'Renamed' })).status).toBe(400)
    expect((await ask(GET, 'owner')).answer.connections[0].name).toBe('Acme')
  })

  test('is described completely and by nothing else', async () => {
    const { client_secret: _, ...incomplete } = oidc
    for (const body of [
      incomplete,
      { ...oidc, default_role: 'owner' },
      { ...oidc, workspace_id: elsewhere },
      {},
    ]) {
      expect(await ask(POST, 'owner', body)).toMatchObject({
        status: 422,
        answer: { code: 'connection_invalid' },
      })
    }
  })
})

describe('somebody who signs in through it', () => {
  const signIn = async (provider: string, sub: string) => {
    const supabase = connect()
    const { data } = await supabase.auth.signInWithOAuth({
      provider: provider as 'google',
      options: { redirectTo: APP, queryParams: { login_hint: sub }, skipBrowserRedirect: true },
    })
    const page = await new Browser().open(data.url ?? '', APP)
    const fields = new URLSearchParams(page.url.hash.slice(1))
    const session = {
      access_token: fields.get('access_token') ?? '',
      refresh_token: fields.get('refresh_token') ?? '',
    }
    expect((await supabase.auth.setSession(session)).error).toBe(null)
    return supabase
  }

  test('is a member from the start, and has what the rule of single sign-on asks for', async () => {
    const { answer } = await ask(POST, 'owner', oidc)
    idp.add({ sub: 'grace', email: 'grace@acme.test', email_verified: true, name: 'Grace Hopper' })
    idp.add({ sub: 'eve', email: 'eve@evil.test', email_verified: true, name: 'Eve' })
    const { data: methods } = await connect().rpc('sign_in_methods', { email: 'grace@acme.test' })
    expect(methods.sso).toEqual({ kind: 'oidc', provider: answer.provider, name: 'Acme' })

    const grace = await signIn(methods.sso.provider, 'grace')
    const { data: started } = await grace.rpc('bootstrap')
    expect(started.workspace).toMatchObject({ id: workspace, role: 'member' })
    expect(started.channels).toHaveLength(2)
    // The provider is asked for its own domain only.
    const eve = await signIn(methods.sso.provider, 'eve')
    expect((await eve.rpc('bootstrap')).data.workspace).toBe(null)
    const { data } = await eve.auth.getUser()
    expect(data.user?.identities?.[0]?.identity_data).toMatchObject({ email_verified: false })
    // Nor does it lead into the accounts of others, whose addresses it may claim.
    const { data: theirs } = await clients.outsider.auth.getUser()
    const { email = '', id = '' } = theirs.user ?? {}
    idp.add({ sub: 'mallory', email, email_verified: true, name: 'Mallory' })
    await expect(signIn(methods.sso.provider, 'mallory')).rejects.toThrow()
    const [found] = await server.database.admin`
      select encrypted_password is not null as kept from auth.users where id = ${id}`
    expect(found?.kept).toBe(true)

    await server.database
      .admin`insert into workspace_security (workspace_id, require_sso) values (${workspace}, true)`
    expect((await grace.rpc('session_requirements')).data).toMatchObject({ ok: true, sso: false })
    const { error } = await grace.auth.updateUser({ password })
    expect(error).toBe(null)
    const byPassword = connect()
    await byPassword.auth.signInWithPassword({ email: 'grace@acme.test', password })
    expect((await byPassword.rpc('session_requirements')).data).toMatchObject({ ok: false, sso: true })
    expect((await byPassword.from('channels').select('id')).data).toEqual([])
    expect((await grace.from('channels').select('id')).data).toHaveLength(2)
  })
})
