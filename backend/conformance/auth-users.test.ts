import { randomUUID } from 'node:crypto'
import { createClient } from '@supabase/supabase-js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signLegacyToken } from '../tokens'
import { password, payload, startAuth } from './auth-client'

let auth: Awaited<ReturnType<typeof startAuth>>

beforeAll(async () => {
  auth = await startAuth()
})

afterAll(() => auth.server.stop())

function admin() {
  return auth.client(auth.server.secretKey).auth.admin
}

describe('a person', () => {
  test('reads themselves', async () => {
    const { supabase, user } = await auth.signUp()
    const { data } = await supabase.auth.getUser()
    expect(data.user).toMatchObject({ id: user.id, email: user.email })
    expect((await supabase.auth.getClaims()).data?.claims.sub).toBe(user.id)
  })

  test('changes metadata: keys replace, null removes', async () => {
    const { supabase } = await auth.signUp({ display_name: 'Ada', color: 'red' })
    const { data, error } = await supabase.auth.updateUser({ data: { display_name: 'Ada L.', color: null } })
    expect(error).toBeNull()
    expect(data.user?.user_metadata).toMatchObject({ display_name: 'Ada L.' })
    expect(data.user?.user_metadata).not.toHaveProperty('color')
  })

  test('changes metadata on two devices at once without losing one', async () => {
    const { supabase, email } = await auth.signUp()
    const phone = await auth.signIn(email)
    await Promise.all([
      supabase.auth.updateUser({ data: { one: 1 } }),
      phone.supabase.auth.updateUser({ data: { two: 2 } }),
    ])
    expect((await supabase.auth.getUser()).data.user?.user_metadata).toMatchObject({ one: 1, two: 2 })
  })

  test('changes the password, which ends the other sessions', async () => {
    const { supabase, email } = await auth.signUp()
    const phone = await auth.signIn(email)
    const changed = await supabase.auth.updateUser({ password: 'a better password' })
    expect(changed.error).toBeNull()
    expect((await supabase.auth.refreshSession()).error).toBeNull()
    expect((await phone.supabase.auth.refreshSession()).error).toMatchObject({
      code: 'refresh_token_not_found',
    })
    expect((await auth.client().auth.signInWithPassword({ email, password })).error).toMatchObject({
      code: 'invalid_credentials',
    })
    await auth.signIn(email, 'a better password')
  })

  test('is told what is wrong with a new password', async () => {
    const { supabase } = await auth.signUp()
    const same = await supabase.auth.updateUser({ password })
    expect(same.error).toMatchObject({ status: 422, code: 'same_password' })
    expect((await supabase.auth.updateUser({ password: 'short' })).error).toMatchObject({
      code: 'weak_password',
    })
    expect((await supabase.auth.updateUser({ password: 'x'.repeat(73) })).error).toMatchObject({
      code: 'validation_failed',
    })
    const wrong = await supabase.auth.updateUser({ password: 'a better one', current_password: 'not this' })
    expect(wrong.error).toMatchObject({ code: 'invalid_credentials' })
  })

  test('gets a new address from the administrator where no mails are sent, and signs in with that only', async () => {
    const { supabase, email, user } = await auth.signUp()
    const next = auth.newEmail('lovelace')
    expect((await supabase.auth.updateUser({ email: next })).error).toMatchObject({
      status: 422,
      code: 'email_provider_disabled',
    })
    expect((await supabase.auth.updateUser({ email })).error).toBeNull()
    const { data, error } = await admin().updateUserById(user.id, { email: next.toUpperCase() })
    expect(error).toBeNull()
    expect(data.user).toMatchObject({
      email: next,
      user_metadata: { email: next },
      identities: [{ email: next, identity_data: { email: next } }],
    })
    await auth.signIn(next)
    expect((await auth.client().auth.signInWithPassword({ email, password })).error).not.toBeNull()
  })

  test('cannot touch what the administrator decides', async () => {
    const { session, supabase } = await auth.signUp()
    const headers = { authorization: `Bearer ${session.access_token}` }
    const put = (body: unknown) => auth.ask('/user', { method: 'PUT', body: JSON.stringify(body), headers })
    const answer = await put({ app_metadata: { admin: true } })
    expect([answer.status, await answer.json()]).toMatchObject([403, { error_code: 'not_admin' }])
    await put({ role: 'service_role', is_super_admin: true, banned_until: null, aud: 'x' })
    expect((await supabase.auth.getUser()).data.user).toMatchObject({
      role: 'authenticated',
      aud: 'authenticated',
    })
  })

  test('without a token, with a key or with a forged token is nobody', async () => {
    const nobody = await auth.ask('/user')
    expect([nobody.status, await nobody.json()]).toMatchObject([401, { error_code: 'no_authorization' }])
    const { anonKey, serviceRoleKey, publishableKey, secretKey } = auth.server.secrets
    const { session } = await auth.signUp()
    const [head, , signature] = session.access_token.split('.')
    const forged = Buffer.from(JSON.stringify({ ...payload(session.access_token), sub: randomUUID() }))
    const tokens = [
      publishableKey,
      secretKey,
      anonKey,
      serviceRoleKey,
      'x',
      `${head}.${forged.toString('base64url')}.${signature}`,
    ]
    const odd = { role: 'authenticated', exp: Math.floor(Date.now() / 1000) + 60, sub: randomUUID() }
    for (const claims of [
      { sub: '1' },
      { session_id: [randomUUID()] },
      { session_id: { a: 1 } },
      { session_id: '' },
    ]) {
      tokens.push(await signLegacyToken(auth.server.secrets.jwtSecret, { ...odd, ...claims }))
    }
    for (const token of tokens) {
      const answer = await auth.ask('/user', { headers: { authorization: `Bearer ${token}` } })
      expect([answer.status, await answer.json()]).toMatchObject([403, { error_code: 'bad_jwt' }])
    }
  })
})

describe('the administrator', () => {
  test('creates, reads, changes and deletes accounts', async () => {
    const email = auth.newEmail('grace')
    const id = randomUUID()
    const created = await admin().createUser({
      id,
      email,
      password,
      email_confirm: true,
      user_metadata: { display_name: 'Grace' },
      app_metadata: { team: 'navy' },
    })
    expect(created.error).toBeNull()
    expect(created.data.user).toMatchObject({
      id,
      email,
      user_metadata: { display_name: 'Grace' },
      app_metadata: { provider: 'email', providers: ['email'], team: 'navy' },
    })
    const grace = await auth.signIn(email)
    expect((await admin().getUserById(id)).data.user?.email).toBe(email)
    const changed = await admin().updateUserById(id, {
      password: 'a new password',
      user_metadata: { title: 'Admiral' },
    })
    expect(changed.data.user?.user_metadata).toMatchObject({ display_name: 'Grace', title: 'Admiral' })
    expect((await grace.supabase.auth.refreshSession()).error).not.toBeNull()
    await auth.signIn(email, 'a new password')
    expect((await admin().deleteUser(id)).error).toBeNull()
    expect((await admin().getUserById(id)).error).toMatchObject({ status: 404, code: 'user_not_found' })
    expect(
      (await auth.client().auth.signInWithPassword({ email, password: 'a new password' })).error,
    ).toMatchObject({
      code: 'invalid_credentials',
    })
  })

  test('lists accounts page by page, newest first', async () => {
    for (let count = 0; count < 3; count++) await admin().createUser({ email: auth.newEmail('page') })
    const first = await admin().listUsers({ page: 1, perPage: 2 })
    const second = await admin().listUsers({ page: 2, perPage: 2 })
    if (first.error || second.error) throw first.error ?? second.error
    expect(first.data.users).toHaveLength(2)
    expect(first.data).toMatchObject({ aud: 'authenticated', nextPage: 2 })
    expect(first.data.total).toBeGreaterThanOrEqual(3)
    const times = [...first.data.users, ...second.data.users].map(({ created_at }) => Date.parse(created_at))
    expect(times).toEqual([...times].sort((a, b) => b - a))
    const ids = new Set([...first.data.users, ...second.data.users].map(({ id }) => id))
    expect(ids.size).toBe(first.data.users.length + second.data.users.length)
  })

  test('brings accounts with the hashes they had', async () => {
    const { encrypted_password: hash } = await hashOf(await auth.signUp())
    const email = auth.newEmail('moved')
    await admin().createUser({ email, password_hash: hash, email_confirm: true })
    await auth.signIn(email)
    const bad = await admin().createUser({ email: auth.newEmail(), password_hash: 'plain text' })
    expect(bad.error).toMatchObject({ code: 'validation_failed' })
  })

  test('bans: no sign-in, no refresh, no answer, until it is lifted', async () => {
    const { supabase, email, user } = await auth.signUp()
    const banned = await admin().updateUserById(user.id, { ban_duration: '24h' })
    expect(Date.parse(banned.data.user?.banned_until ?? '')).toBeGreaterThan(Date.now() + 23 * 3_600_000)
    const signIn = () => auth.client().auth.signInWithPassword({ email, password })
    expect((await signIn()).error).toMatchObject({ code: 'user_banned' })
    const wrong = await auth.client().auth.signInWithPassword({ email, password: 'wrong password' })
    expect(wrong.error).toMatchObject({ code: 'invalid_credentials' })
    expect((await supabase.auth.getUser()).error).toMatchObject({ status: 403, code: 'user_banned' })
    expect((await supabase.auth.refreshSession()).error).toMatchObject({ code: 'user_banned' })
    await admin().updateUserById(user.id, { ban_duration: 'none' })
    expect((await signIn()).error).toBeNull()
    expect((await admin().updateUserById(user.id, { ban_duration: 'a while' })).error).toMatchObject({
      code: 'validation_failed',
    })
  })

  test('creates accounts that cannot sign in before they are confirmed', async () => {
    const email = auth.newEmail()
    const { data } = await admin().createUser({ email, password })
    const signIn = () => auth.client().auth.signInWithPassword({ email, password })
    expect((await signIn()).error).toMatchObject({ code: 'email_not_confirmed' })
    await admin().updateUserById(data.user?.id ?? '', { email_confirm: true })
    expect((await signIn()).error).toBeNull()
  })

  test('cannot give anybody a role of the database', async () => {
    for (const role of ['service_role', 'postgres', 'supabase_admin', 'anon']) {
      const { error } = await admin().createUser({ email: auth.newEmail(), role })
      expect(error).toMatchObject({ status: 400, code: 'validation_failed' })
    }
  })

  test('is told of taken addresses and ids, and of what is not one', async () => {
    const { email, user } = await auth.signUp()
    expect((await admin().createUser({ email })).error).toMatchObject({ status: 422, code: 'email_exists' })
    expect((await admin().createUser({ id: user.id, email: auth.newEmail() })).error).toMatchObject({
      status: 422,
    })
    const answer = await auth.ask('/admin/users/1', {
      headers: { apikey: auth.server.secretKey },
    })
    expect(answer.status).toBe(404)
    expect(
      (await auth.ask('/admin/users?page=0', { headers: { apikey: auth.server.secretKey } })).status,
    ).toBe(400)
  })

  test('is whoever holds the secret key or the legacy service key', async () => {
    const legacy = auth.client(auth.server.secrets.serviceRoleKey)
    expect((await legacy.auth.admin.listUsers()).error).toBeNull()
    const bare = createClient(auth.server.url, auth.server.publishableKey, {
      auth: { persistSession: false },
      realtime: { transport: class {} as never },
      global: { headers: { Authorization: `Bearer ${auth.server.secrets.serviceRoleKey}` } },
    })
    expect((await bare.auth.admin.listUsers()).error).toBeNull()
  })

  test('is nobody else', async () => {
    const { session, user } = await auth.signUp()
    const { anonKey, secretKey, publishableKey } = auth.server.secrets
    const person = { authorization: `Bearer ${session.access_token}` }
    const attempts: Record<string, string>[] = [
      person,
      { apikey: secretKey, ...person },
      { authorization: `Bearer ${anonKey}` },
      { authorization: `Bearer ${publishableKey}` },
      { apikey: anonKey, authorization: `Bearer ${anonKey}` },
      { authorization: `Bearer ${secretKey}` },
      {},
    ]
    for (const headers of attempts) {
      for (const [method, path] of [
        ['GET', ''],
        ['POST', ''],
        ['DELETE', `/${user.id}`],
        ['PUT', `/${user.id}`],
      ]) {
        const body = method === 'GET' ? undefined : '{}'
        const answer = await auth.ask(`/admin/users${path}`, { method, headers, body: body ?? null })
        expect([401, 403]).toContain(answer.status)
      }
    }
    expect((await auth.ask('/user', { headers: person })).status).toBe(200)
  })
})

async function hashOf({ user }: { user: { id: string } }) {
  const [row] = await auth.server.database.admin<{ encrypted_password: string }[]>`
    select encrypted_password from auth.users where id = ${user.id}`
  if (!row) throw new Error('no such account')
  return row
}
