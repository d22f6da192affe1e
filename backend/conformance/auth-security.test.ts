import { createClient } from '@supabase/supabase-js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { createAuth } from '../auth/service'
import { createRest } from '../rest/service'
import { startTestServer } from '../testing/server'
import { password, payload } from './auth-client'
import { fragment, site, startMailAuth } from './mail-client'

let auth: Awaited<ReturnType<typeof startMailAuth>>

beforeAll(async () => {
  auth = await startMailAuth({ trustedProxies: 1, rateLimitSignIns: 40 })
})

afterAll(() => auth.stop())

describe('C08 guessing passwords', () => {
  const from = (address: string) => ({ 'x-forwarded-for': address })
  const guess = (email: string, address: string, given = 'a guess') =>
    auth.post('/token?grant_type=password', { email, password: given }, from(address))

  test('from one address: one account, then many accounts, then nothing; elsewhere its owner signs in', async () => {
    const { email } = await auth.member()
    const statuses = []
    for (let i = 0; i < 31; i++) statuses.push((await guess(email, '198.51.100.1')).status)
    expect(statuses).toEqual([...Array(30).fill(400), 429])
    const others = []
    for (let i = 0; i < 12; i++) others.push((await guess(`other.${i}@example.com`, '198.51.100.1')).status)
    expect(others).toContain(429)
    // The victim is somewhere else, and is not locked out.
    expect((await guess(email, '198.51.100.2', password)).status).toBe(200)
  })

  test('from a whole IPv6 network counts as one, and an invented way here counts for nothing', async () => {
    let refused = 0
    for (let i = 0; i < 60 && refused === 0; i++) {
      if ((await guess(`n${i}@example.com`, `2001:db8::${i + 1}`)).status === 429) refused = i
    }
    expect(refused).toBeGreaterThanOrEqual(40)
    expect((await guess('n@example.com', `203.0.113.77, 2001:db8::ffff`)).status).toBe(429)
    expect((await guess('n@example.com', '2001:db8:0:1::1')).status).toBe(400)
  })
})

describe('C10 where links lead', () => {
  test.each([
    '//evil.example',
    'https://evil.example/',
    'javascript:alert(1)',
    'https:\\\\evil.example',
    'https://chat.example.com@evil.example/',
    'https://chat.example.com.evil.example/',
    'data:text/html,x',
  ])('%s is not followed', async (redirectTo) => {
    const { email } = await auth.member()
    await auth.client().auth.signInWithOtp({ email, options: { emailRedirectTo: redirectTo } })
    const { link } = await auth.smtp.mailTo(email, 2)
    expect(new URL(link).searchParams.get('redirect_to')).toBe(site)
    const changed = new URL(link)
    changed.searchParams.set('redirect_to', redirectTo)
    const arrived = await auth.press(changed.href)
    expect([arrived.origin, Boolean(fragment(arrived).access_token)]).toEqual([site, true])
    const failed = await auth.press(changed.href)
    expect([failed.origin, fragment(failed).error_code]).toEqual([site, 'otp_expired'])
  })

  test('what the settings allow is', async () => {
    const { email } = await auth.member()
    const emailRedirectTo = 'https://elsewhere.example.org/in?a=1'
    await auth.client().auth.signInWithOtp({ email, options: { emailRedirectTo } })
    const arrived = await auth.press((await auth.smtp.mailTo(email, 2)).link)
    expect(arrived.href.split('#')[0]).toBe(emailRedirectTo)
  })

  test('a link of PKCE gives no session to whoever opens it, and its code none without the verifier', async () => {
    const { email } = await auth.member()
    const supabase = auth.pkceClient()
    await supabase.auth.signInWithOtp({ email })
    const { link } = await auth.smtp.mailTo(email, 2)
    // Without its prefix it is no link at all.
    expect(fragment(await auth.press(link.replace('pkce_', '')))).toMatchObject({ error_code: 'otp_expired' })
    const arrived = await auth.press(link)
    expect(arrived.hash).toBe('')
    const code = arrived.searchParams.get('code') ?? ''
    for (const verifier of ['', 'x'.repeat(64)]) {
      const answer = await auth.post('/token?grant_type=pkce', { auth_code: code, code_verifier: verifier })
      expect(answer.status).toBe(400)
    }
    expect((await supabase.auth.exchangeCodeForSession(code)).error).toBeNull()
    expect((await supabase.auth.exchangeCodeForSession(code)).error).not.toBeNull()
  })
})

describe('C12 sessions', () => {
  test('are new at every sign-in, whatever the browser brought along', async () => {
    const thief = await auth.member()
    const { email } = await auth.member()
    const headers = { authorization: `Bearer ${thief.session.access_token}`, cookie: 'sb-access-token=x' }
    const answer = await auth.post('/token?grant_type=password', { email, password }, headers)
    const own = payload((await answer.json()).access_token)
    expect(own.session_id).not.toBe(payload(thief.session.access_token).session_id)
    expect(own.email).toBe(email)
  })

  test('end when a forgotten password is replaced, except the one that replaces it', async () => {
    const { supabase, email } = await auth.member()
    const reset = auth.client()
    await reset.auth.resetPasswordForEmail(email)
    const { code } = await auth.smtp.mailTo(email, 2)
    await reset.auth.verifyOtp({ email, token: code, type: 'recovery' })
    expect((await supabase.auth.getUser()).error).toBeNull()
    await reset.auth.updateUser({ password: 'the new password' })
    expect((await supabase.auth.getUser()).error).not.toBeNull()
    expect((await supabase.auth.refreshSession()).error).not.toBeNull()
    expect((await reset.auth.refreshSession()).error).toBeNull()
  })
})

describe('C14 addresses', () => {
  test('that only look like another are another, or none', async () => {
    for (const email of [
      'a@evil.com@good.com',
      'a@gооd.com',
      'a b@good.com',
      '"a@evil.com"@good.com',
      'a@good.com\0',
    ]) {
      for (const path of ['/signup', '/otp', '/recover']) {
        const answer = await auth.post(path, { email, password })
        expect([path, answer.status, (await answer.json()).error_code]).toEqual([
          path,
          400,
          expect.stringMatching(/validation_failed|bad_json/),
        ])
      }
    }
    const [plain, plus] = ['grace@good.example', 'grace+team@good.example']
    for (const email of [plain, plus]) {
      await auth.client().auth.signUp({ email, password })
      const { code } = await auth.smtp.mailTo(email)
      expect((await auth.client().auth.verifyOtp({ email, token: code, type: 'signup' })).error).toBeNull()
    }
  })

  test('an invitation for another address is not taken by changing one’s own', async () => {
    const server = await startTestServer({ services: [createAuth, createRest] })
    const make = (key = server.publishableKey) => {
      const options = { auth: { persistSession: false, autoRefreshToken: false } }
      return createClient(server.url, key, { ...options, realtime: { transport: WebSocket as never } })
    }
    try {
      const [owner, other, invited] = [make(), make(), make()]
      for (const [client, email] of [
        [owner, 'owner@example.com'],
        [other, 'other@example.com'],
      ] as const) {
        expect((await client.auth.signUp({ email, password })).error).toBeNull()
      }
      const { data: workspace } = await owner.rpc('create_workspace', { name: 'Acme' })
      const { data: invitation, error } = await owner.rpc('create_invitation', {
        workspace_id: workspace.id,
        email: 'invited@example.com',
      })
      expect(error).toBeNull()
      const accept = (client: typeof owner) => client.rpc('accept_invitation', { code: invitation.code })
      expect((await accept(other)).error).not.toBeNull()
      expect((await other.auth.updateUser({ email: 'invited@example.com' })).error).not.toBeNull()
      await other.auth.refreshSession()
      expect((await accept(other)).error).not.toBeNull()
      await invited.auth.signUp({ email: 'invited@example.com', password })
      expect((await accept(invited)).error).toBeNull()
    } finally {
      await server.stop()
    }
  })
})

describe('C15 passwords', () => {
  test('count to the last byte, hold no U+0000, and cannot be large', async () => {
    const email = auth.newEmail()
    const signUp = (given: string) => auth.post('/signup', { email, password: given })
    const full = 'é'.repeat(36)
    for (const given of [`${full}x`, 'x'.repeat(73), 'long enough\0hidden']) {
      expect((await signUp(given)).status).toBe(400)
    }
    expect((await signUp('x'.repeat(2_000_000))).status).toBe(413)
    expect((await signUp(full)).status).toBe(200)
    const { code } = await auth.smtp.mailTo(email)
    await auth.client().auth.verifyOtp({ email, token: code, type: 'signup' })
    await auth.signIn(email, full)
    for (const near of [`${full}x`, full.slice(1), full.normalize('NFD')]) {
      const { error } = await auth.client().auth.signInWithPassword({ email, password: near })
      expect(error).toMatchObject({ code: 'invalid_credentials' })
    }
  })
})
