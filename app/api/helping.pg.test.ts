import { randomUUID } from 'node:crypto'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import WebSocket from 'ws'
import { startTestServer, type TestServer } from '@/backend/testing/server'
import { POST as resetLink } from './people/[id]/reset-link/route'
import { POST as removeTwoFactor } from './people/[id]/two-factor/remove/route'

let server: TestServer
type Person = { id: string; token: string; client: SupabaseClient; email: string }
const people = {} as Record<'owner' | 'admin' | 'member' | 'outsider', Person>
const password = 'correct horse battery'

const connect = () =>
  createClient(server.url, server.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: WebSocket as never },
  })

beforeAll(async () => {
  server = await startTestServer({ settings: { rateLimitSignUps: 1000, rateLimitSignIns: 1000 } })
  vi.stubEnv('SUPABASE_INTERNAL_URL', server.url)
  vi.stubEnv('SUPABASE_ANON_KEY', server.publishableKey)
  vi.stubEnv('SUPABASE_SERVICE_ROLE_KEY', server.secretKey)
  for (const name of ['owner', 'admin', 'member', 'outsider'] as const) {
    const client = connect()
    const email = `${name}@acme.test`
    const { data } = await client.auth.signUp({ email, password })
    people[name] = { id: data.user?.id ?? '', token: data.session?.access_token ?? '', client, email }
  }
  const { owner, outsider } = people
  const made = await owner.client.rpc('create_workspace', { name: 'Acme' })
  await outsider.client.rpc('create_workspace', { name: 'Elsewhere' })
  for (const role of ['admin', 'member'] as const) {
    const invited = await owner.client.rpc('create_invitation', { workspace_id: made.data.id, role })
    await people[role].client.rpc('accept_invitation', { code: invited.data.code })
  }
})
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.stop()
})

type Route = typeof resetLink
type Answer = { status: number; link?: unknown; [field: string]: unknown }
async function ask(
  route: Route,
  who: keyof typeof people | null,
  id: string,
  init: RequestInit = {},
): Promise<Answer> {
  const headers = {
    'content-type': 'application/json',
    'x-forwarded-host': 'chat.acme.test',
    'x-forwarded-proto': 'https',
    ...(who ? { authorization: `Bearer ${people[who].token}` } : {}),
  }
  const request = new Request('http://127.0.0.1/', { method: 'POST', body: '{}', headers, ...init })
  const response = await route(request, { params: Promise.resolve({ id }) })
  const body = (await response.json()) as Record<string, unknown>
  return { ...body, status: response.status }
}

describe('a link to set a new password', () => {
  test('is made by who may, and works once', async () => {
    const { status, link } = await ask(resetLink, 'admin', people.member.id)
    expect(status).toBe(200)
    const { origin, pathname, searchParams } = new URL(String(link))
    expect([origin, pathname]).toEqual(['https://chat.acme.test', '/reset-password'])
    const proof = { token_hash: searchParams.get('token_hash') ?? '', type: 'recovery' as const }
    const client = connect()
    const { data } = await client.auth.verifyOtp(proof)
    expect(data.user?.id).toBe(people.member.id)
    expect((await client.auth.updateUser({ password: 'another horse battery' })).error).toBe(null)
    const again = await connect().auth.verifyOtp(proof)
    expect(again.error?.code).toBe('otp_expired')
    const { email } = people.member
    const signedIn = await connect().auth.signInWithPassword({ email, password: 'another horse battery' })
    expect(signedIn.error).toBe(null)
  })

  test('is refused to everybody else, and for everybody else', async () => {
    expect(await ask(resetLink, 'admin', people.owner.id)).toMatchObject({ status: 403, code: 'not_allowed' })
    expect(await ask(resetLink, 'member', people.admin.id)).toMatchObject({ status: 403 })
    expect(await ask(resetLink, 'outsider', people.member.id)).toMatchObject({ status: 403 })
    expect(await ask(resetLink, 'owner', randomUUID())).toMatchObject({ status: 403 })
    expect(await ask(resetLink, 'owner', 'x')).toMatchObject({ status: 404, code: 'not_found' })
  })

  test('is not made for an account of single sign-on: its address may be that of somebody else’s', async () => {
    const { admin } = server.database
    const [twin, provider] = [randomUUID(), `sso:${randomUUID()}`]
    await admin`
      insert into auth.users (id, email, email_confirmed_at, is_sso_user, aud, role, raw_user_meta_data,
        raw_app_meta_data, created_at, updated_at)
      values (${twin}, ${people.owner.email}, now(), true, 'authenticated', 'authenticated', '{}', '{}', now(), now())`
    const connect = () => admin`
      insert into auth.identities (provider_id, user_id, identity_data, provider, created_at, updated_at)
      values (${twin}, ${twin}, '{}', ${provider}, now(), now())`
    await admin`
      insert into workspace_members (workspace_id, user_id, role)
      select workspace_id, ${twin}, 'member' from workspace_members where user_id = ${people.member.id}`
    // Told by the identity, and by whose link it is where Auth would not say.
    for (const prepare of [async () => {}, connect]) {
      await prepare()
      expect(await ask(resetLink, 'admin', twin)).toMatchObject({ status: 409, code: 'sso_account' })
    }
    await admin`delete from auth.users where id = ${twin}`
    expect(await ask(resetLink, 'admin', people.member.id)).toMatchObject({ status: 200 })
  })
})

describe('taking a second factor off', () => {
  const factors = () =>
    server.database.admin`select id from auth.mfa_factors where user_id = ${people.member.id}`
  test('is done by who may', async () => {
    for (const status of ['verified', 'unverified']) {
      await server.database
        .admin`insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
        values (${randomUUID()}, ${people.member.id}, 'totp', ${status}::auth.factor_status, now(), now())`
    }
    expect(await ask(removeTwoFactor, 'outsider', people.member.id)).toMatchObject({ status: 403 })
    expect(await ask(removeTwoFactor, 'member', people.member.id)).toMatchObject({ status: 403 })
    expect(await factors()).toHaveLength(2)
    expect(await ask(removeTwoFactor, 'admin', people.member.id)).toEqual({ status: 200, removed: 2 })
    expect(await factors()).toHaveLength(0)
  })
})

describe('a request', () => {
  const id = () => people.member.id
  const asOwner = () => ({ authorization: `Bearer ${people.owner.token}` })

  test('needs a token in its header: no cookie, no key, no forged one', async () => {
    expect(await ask(resetLink, null, id())).toMatchObject({ status: 401, code: 'session_expired' })
    const json = { 'content-type': 'application/json' }
    const cookie = `sb-access-token=${people.owner.token}`
    expect(await ask(resetLink, null, id(), { headers: { ...json, cookie } })).toMatchObject({ status: 401 })
    for (const token of [server.secretKey, server.publishableKey, server.secrets.serviceRoleKey, 'a.b.c']) {
      const headers = { ...json, authorization: `Bearer ${token}` }
      const { status } = await ask(resetLink, null, id(), { headers })
      expect([401, 403], token.slice(0, 12)).toContain(status)
    }
  })

  test('needs JSON that says it is', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', '']) {
      const headers = { ...asOwner(), ...(type ? { 'content-type': type } : {}) }
      expect(await ask(resetLink, null, id(), { headers })).toMatchObject({
        status: 415,
        code: 'json_needed',
      })
    }
    const headers = { ...asOwner(), 'content-type': 'application/json; charset=utf-8' }
    for (const body of ['{', '[]', '"x"']) {
      expect(await ask(resetLink, null, id(), { headers, body })).toMatchObject({ status: 400 })
    }
    const body = JSON.stringify({ much: 'x'.repeat(1_100_000) })
    expect(await ask(resetLink, null, id(), { headers, body })).toMatchObject({ status: 413 })
  })

  test('of a session that has ended is refused', async () => {
    const client = connect()
    const { data } = await client.auth.signInWithPassword({ email: people.owner.email, password })
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${data.session?.access_token}`,
    }
    await client.auth.signOut({ scope: 'local' })
    expect(await ask(resetLink, null, id(), { headers })).toMatchObject({ status: 403, code: 'not_allowed' })
  })

  test('says what is missing on a server without the key', async () => {
    vi.stubEnv('SUPABASE_SERVICE_ROLE_KEY', '')
    const answer = await ask(resetLink, 'owner', id())
    vi.stubEnv('SUPABASE_SERVICE_ROLE_KEY', server.secretKey)
    expect(answer).toMatchObject({ status: 501, code: 'service_key_missing' })
  })
})
