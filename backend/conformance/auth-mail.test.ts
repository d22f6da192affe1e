import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { password, payload } from './auth-client'
import { fragment, site, startMailAuth } from './mail-client'

let auth: Awaited<ReturnType<typeof startMailAuth>>

beforeAll(async () => {
  auth = await startMailAuth()
})

afterAll(() => auth.stop())

const admin = () => auth.client(auth.server.secretKey).auth.admin

describe('signing up', () => {
  test('counts when the code of the mail is typed in', async () => {
    const [supabase, email] = [auth.client(), auth.newEmail()]
    const { data, error } = await supabase.auth.signUp({
      email,
      password,
      options: { data: { name: 'Ada' } },
    })
    expect(error).toBeNull()
    expect(data.session).toBeNull()
    expect(data.user).toMatchObject({ email, user_metadata: { name: 'Ada', email_verified: false } })
    expect(data.user).not.toHaveProperty('email_confirmed_at')
    expect((await supabase.auth.signInWithPassword({ email, password })).error).toMatchObject({
      status: 400,
      code: 'email_not_confirmed',
    })
    const { code, subject } = await auth.smtp.mailTo(email)
    expect(subject).toBe('Confirm your e-mail address')
    const verified = await supabase.auth.verifyOtp({ email, token: code, type: 'email' })
    expect(verified.error).toBeNull()
    expect(verified.data.user).toMatchObject({
      id: data.user?.id,
      email_confirmed_at: expect.any(String),
      user_metadata: { name: 'Ada', email_verified: true },
      identities: [{ identity_data: { email_verified: true } }],
    })
    expect(payload(verified.data.session?.access_token ?? '')).toMatchObject({
      amr: [{ method: 'otp' }],
      aal: 'aal1',
    })
    await auth.signIn(email)
  })

  test('counts when the button behind the link is pressed', async () => {
    const [supabase, email] = [auth.client(), auth.newEmail()]
    await supabase.auth.signUp({ email, password, options: { emailRedirectTo: `${site}/welcome?a=1` } })
    const { link } = await auth.smtp.mailTo(email)
    const arrived = await auth.press(link)
    expect(arrived.href).toMatch(/^https:\/\/chat\.example\.com\/welcome\?a=1#/)
    const { access_token = '', refresh_token = '', ...rest } = fragment(arrived)
    expect(rest).toMatchObject({ token_type: 'bearer', expires_in: '3600', type: 'signup' })
    const { data } = await supabase.auth.setSession({ access_token, refresh_token })
    expect(data.user?.email).toBe(email)
  })

  test('with PKCE ends with a code that only the beginner can exchange', async () => {
    const email = auth.newEmail()
    const beginner = auth.pkceClient()
    await beginner.auth.signUp({ email, password })
    const { link } = await auth.smtp.mailTo(email)
    expect(link).toContain('token=pkce_')
    const code = (await auth.press(link)).searchParams.get('code') ?? ''
    expect((await auth.pkceClient().auth.exchangeCodeForSession(code)).error).not.toBeNull()
    const { data, error } = await beginner.auth.exchangeCodeForSession(code)
    expect(error).toBeNull()
    expect(data.user?.email).toBe(email)
    expect(payload(data.session?.access_token ?? '').amr).toMatchObject([{ method: 'email/signup' }])
  })

  test('sends the mail again', async () => {
    const [supabase, email] = [auth.client(), auth.newEmail()]
    await supabase.auth.signUp({ email, password })
    const first = await auth.smtp.mailTo(email)
    expect((await supabase.auth.resend({ type: 'signup', email })).error).toBeNull()
    const second = await auth.smtp.mailTo(email, 2)
    expect(fragment(await auth.press(first.link))).toMatchObject({ error_code: 'otp_expired' })
    const { error } = await supabase.auth.verifyOtp({ email, token: second.code, type: 'signup' })
    expect(error).toBeNull()
    await auth.signIn(email)
  })

  test('speaks the language of the person', async () => {
    const email = auth.newEmail()
    await auth.client().auth.signUp({ email, password, options: { data: { locale: 'de-DE' } } })
    const { subject, link } = await auth.smtp.mailTo(email)
    expect(subject).toBe('E-Mail-Adresse bestätigen')
    const page = await auth.open(link, { headers: { 'accept-language': 'de-AT,de;q=0.9' } })
    expect(await page.text()).toContain('Noch ein Schritt')
  })
})

describe('a forgotten password', () => {
  test('is replaced after the code, or the link', async () => {
    for (const way of ['code', 'link']) {
      const { email } = await auth.member()
      const supabase = auth.client()
      const asked = await supabase.auth.resetPasswordForEmail(email, { redirectTo: `${site}/new-password` })
      expect([asked.error, asked.data]).toEqual([null, {}])
      const { code, link } = await auth.smtp.mailTo(email, 2)
      if (way === 'code') await supabase.auth.verifyOtp({ email, token: code, type: 'recovery' })
      else {
        const { access_token = '', refresh_token = '', type } = fragment(await auth.press(link))
        expect(type).toBe('recovery')
        await supabase.auth.setSession({ access_token, refresh_token })
      }
      expect((await supabase.auth.updateUser({ password: 'a new password' })).error).toBeNull()
      await auth.signIn(email, 'a new password')
      expect((await auth.smtp.mailTo(email, 3)).subject).toBe('Your password was changed')
    }
  })

  test('with PKCE', async () => {
    const { email } = await auth.member()
    const supabase = auth.pkceClient()
    await supabase.auth.resetPasswordForEmail(email, { redirectTo: 'https://elsewhere.example.org/reset' })
    const { link } = await auth.smtp.mailTo(email, 2)
    const arrived = await auth.press(link)
    expect(arrived.origin).toBe('https://elsewhere.example.org')
    const { data } = await supabase.auth.exchangeCodeForSession(arrived.searchParams.get('code') ?? '')
    expect(payload(data.session?.access_token ?? '').amr).toMatchObject([{ method: 'recovery' }])
  })
})

describe('signing in by mail', () => {
  test('with link, code and token hash', async () => {
    const { email } = await auth.member()
    const supabase = auth.client()
    for (const [count, way] of ['email', 'magiclink', 'hash', 'link'].entries()) {
      expect((await supabase.auth.signInWithOtp({ email })).error).toBeNull()
      const { code, link } = await auth.smtp.mailTo(email, count + 2)
      const token_hash = new URL(link).searchParams.get('token') ?? ''
      if (way === 'link') expect(fragment(await auth.press(link))).toHaveProperty('access_token')
      else {
        const { data, error } = await supabase.auth.verifyOtp(
          way === 'hash' ? { token_hash, type: 'email' } : { email, token: code, type: way as 'email' },
        )
        expect([error, data.user?.email]).toEqual([null, email])
      }
    }
  })

  test('makes an account, with data, unless told not to', async () => {
    const [known, unknown] = [auth.newEmail(), auth.newEmail()]
    const supabase = auth.client()
    await supabase.auth.signInWithOtp({ email: known, options: { data: { team: 'blue' } } })
    const { code } = await auth.smtp.mailTo(known)
    const { data } = await supabase.auth.verifyOtp({ email: known, token: code, type: 'email' })
    expect(data.user?.user_metadata).toMatchObject({ team: 'blue' })
    const refused = await supabase.auth.signInWithOtp({
      email: unknown,
      options: { shouldCreateUser: false },
    })
    expect(refused.error).toBeNull()
    const third = auth.newEmail()
    await supabase.auth.signInWithOtp({ email: third })
    await auth.smtp.mailTo(third)
    expect(auth.smtp.mails.filter(({ to }) => to === unknown)).toEqual([])
  })

  test('with PKCE and the old path', async () => {
    const { email } = await auth.member()
    const supabase = auth.pkceClient()
    await supabase.auth.signInWithOtp({ email })
    const { link } = await auth.smtp.mailTo(email, 2)
    const { data } = await supabase.auth.exchangeCodeForSession(
      (await auth.press(link)).searchParams.get('code') ?? '',
    )
    expect(payload(data.session?.access_token ?? '').amr).toMatchObject([{ method: 'magiclink' }])
    expect((await auth.post('/magiclink', { email })).status).toBe(200)
    expect((await auth.smtp.mailTo(email, 3)).subject).toBe('Sign in to Test Chat')
  })
})

describe('a new address', () => {
  test('counts when both mails are answered', async () => {
    const { supabase, email, user } = await auth.member()
    const next = auth.newEmail('lovelace')
    const asked = await supabase.auth.updateUser({ email: next })
    expect(asked.data.user).toMatchObject({ email, new_email: next })
    const [toNew, toOld] = [await auth.smtp.mailTo(next), await auth.smtp.mailTo(email, 2)]
    const half = await supabase.auth.verifyOtp({ email: next, token: toNew.code, type: 'email_change' })
    expect([half.error, half.data.session]).toEqual([null, null])
    expect((await admin().getUserById(user.id)).data.user?.email).toBe(email)
    const whole = fragment(await auth.press(toOld.link))
    expect(whole).toMatchObject({ type: 'email_change', access_token: expect.any(String) })
    expect((await admin().getUserById(user.id)).data.user).toMatchObject({
      email: next,
      identities: [{ email: next, identity_data: { email: next, email_verified: true } }],
    })
    expect((await auth.smtp.mailTo(email, 3)).text).toContain(`from ${email} to ${next}`)
    await auth.signIn(next)
  })

  test('counts after any order, and says after the first what is left', async () => {
    const { supabase, email } = await auth.member()
    const next = auth.newEmail('lovelace')
    await supabase.auth.updateUser({ email: next })
    const { link } = await auth.smtp.mailTo(email, 2)
    const first = await auth.press(link)
    expect(fragment(first).message).toMatch(/^Confirmation link accepted/)
    // One mailbox cannot answer for both.
    expect(fragment(await auth.press(link))).toMatchObject({ error_code: 'otp_expired' })
    const { code } = await auth.smtp.mailTo(next)
    const { data } = await supabase.auth.verifyOtp({ email: next, token: code, type: 'email_change' })
    expect(data.user?.email).toBe(next)
  })

  test('is sent again, with PKCE too', async () => {
    const { email } = await auth.member()
    const supabase = auth.pkceClient()
    await supabase.auth.signInWithPassword({ email, password })
    const next = auth.newEmail('lovelace')
    await supabase.auth.updateUser({ email: next })
    await auth.smtp.mailTo(next)
    await supabase.auth.resend({ type: 'email_change', email })
    const [toNew, toOld] = [await auth.smtp.mailTo(next, 2), await auth.smtp.mailTo(email, 3)]
    await auth.press(toNew.link)
    const code = (await auth.press(toOld.link)).searchParams.get('code') ?? ''
    const { data } = await supabase.auth.exchangeCodeForSession(code)
    expect(data.user?.email).toBe(next)
  })

  test('that somebody has is refused', async () => {
    const [ada, grace] = [await auth.member(), await auth.member()]
    const { error } = await ada.supabase.auth.updateUser({ email: grace.email })
    expect(error).toMatchObject({ status: 422, code: 'email_exists' })
  })

  test('is confirmed by itself alone where the settings say so; sign-ups may confirm themselves', async () => {
    const loose = await startMailAuth({ secureEmailChange: false, emailAutoconfirm: true })
    try {
      const { supabase, email } = await loose.signUp()
      const next = loose.newEmail('lovelace')
      await supabase.auth.updateUser({ email: next })
      const { code } = await loose.smtp.mailTo(next)
      const { data } = await supabase.auth.verifyOtp({ email: next, token: code, type: 'email_change' })
      expect(data.user?.email).toBe(next)
      // The only mail to the old address tells what has happened.
      expect((await loose.smtp.mailTo(email)).subject).toBe('Your e-mail address was changed')
      const settings = await (await loose.ask('/settings')).json()
      expect(settings.mailer_autoconfirm).toBe(true)
      const { error } = await loose.client().auth.resetPasswordForEmail(next)
      expect(error).toBeNull()
      expect((await loose.smtp.mailTo(next, 2)).subject).toBe('Reset your password')
    } finally {
      await loose.stop()
    }
  })
})
