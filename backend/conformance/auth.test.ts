import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { password, payload, startAuth } from './auth-client'

let auth: Awaited<ReturnType<typeof startAuth>>

beforeAll(async () => {
  auth = await startAuth()
})

afterAll(() => auth.server.stop())

describe('sign-up', () => {
  test('signs in at once, with GoTrue’s session, person and claims', async () => {
    const { email, session, user } = await auth.signUp({ display_name: 'Ada' })
    expect(session).toMatchObject({
      token_type: 'bearer',
      expires_in: 3600,
      expires_at: expect.any(Number),
      refresh_token: expect.stringMatching(/^[\w-]{22,}$/),
    })
    expect(user).toMatchObject({
      id: expect.any(String),
      aud: 'authenticated',
      role: 'authenticated',
      email,
      phone: '',
      email_confirmed_at: expect.stringMatching(/Z$/),
      confirmed_at: expect.any(String),
      last_sign_in_at: expect.any(String),
      app_metadata: { provider: 'email', providers: ['email'] },
      user_metadata: {
        display_name: 'Ada',
        email,
        email_verified: true,
        phone_verified: false,
        sub: user.id,
      },
      identities: [{ id: user.id, user_id: user.id, provider: 'email', email, identity_data: { email } }],
      is_anonymous: false,
    })
    expect(JSON.stringify(user)).not.toMatch(/password|\$2[ab]\$/)
    expect(payload(session.access_token)).toEqual({
      iss: `${auth.server.url}/auth/v1`,
      sub: user.id,
      aud: 'authenticated',
      exp: session.expires_at,
      iat: expect.any(Number),
      email,
      phone: '',
      app_metadata: user.app_metadata,
      user_metadata: user.user_metadata,
      role: 'authenticated',
      aal: 'aal1',
      amr: [{ method: 'password', timestamp: expect.any(Number) }],
      session_id: expect.any(String),
      is_anonymous: false,
    })
  })

  test('takes an address once, however it is spelled', async () => {
    const email = auth.newEmail()
    expect(
      (await auth.client().auth.signUp({ email: ` ${email.toUpperCase()} `, password })).error,
    ).toBeNull()
    const again = await auth.client().auth.signUp({ email, password: 'another password' })
    expect(again.error).toMatchObject({ status: 422, code: 'user_already_exists' })
    expect((await auth.client().auth.signInWithPassword({ email, password })).error).toBeNull()
  })

  test('of one address ten times at once makes one account', async () => {
    const email = auth.newEmail()
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => auth.client().auth.signUp({ email, password })),
    )
    expect(answers.filter(({ error }) => error === null)).toHaveLength(1)
    expect(answers.filter(({ error }) => error?.code === 'user_already_exists')).toHaveLength(9)
  })

  test('refuses a weak password with its reasons', async () => {
    const { error } = await auth.client().auth.signUp({ email: auth.newEmail(), password: 'short' })
    expect(error).toMatchObject({ name: 'AuthWeakPasswordError', status: 422, reasons: ['length'] })
  })

  test('takes 72 bytes of password and not one more', async () => {
    const email = auth.newEmail()
    const longest = 'ä'.repeat(36)
    expect((await auth.client().auth.signUp({ email, password: longest })).error).toBeNull()
    expect((await auth.client().auth.signInWithPassword({ email, password: longest })).error).toBeNull()
    expect(
      (await auth.client().auth.signInWithPassword({ email, password: `${longest}x` })).error,
    ).toMatchObject({
      code: 'invalid_credentials',
    })
    const { error } = await auth.client().auth.signUp({ email: auth.newEmail(), password: `${longest}x` })
    expect(error).toMatchObject({
      status: 400,
      code: 'validation_failed',
      message: expect.stringContaining('72 bytes'),
    })
  })

  test.each([
    'ada',
    'ada@',
    '@example.com',
    'a@evil.com@good.com',
    'ada @example.com',
    'ada@exa mple.com',
    'аda@example.com',
    'ada@-example.com',
    `${'a'.repeat(250)}@example.com`,
  ])('refuses %s as an address', async (email) => {
    const { error } = await auth.client().auth.signUp({ email, password })
    expect(error).toMatchObject({ status: 400, code: 'validation_failed' })
  })

  test('without an address or with a phone number says what is missing', async () => {
    expect((await auth.client().auth.signInAnonymously()).error).toMatchObject({
      status: 422,
      code: 'anonymous_provider_disabled',
    })
    expect((await auth.client().auth.signUp({ phone: '+15550100', password })).error).toMatchObject({
      code: 'phone_provider_disabled',
    })
    expect(await (await auth.post('/signup', { email: auth.newEmail() })).json()).toMatchObject({
      error_code: 'validation_failed',
      msg: 'Signup requires a valid password',
    })
  })

  test('cannot choose role, id or app_metadata', async () => {
    const answer = await auth.post('/signup', {
      email: auth.newEmail(),
      password,
      role: 'service_role',
      id: '00000000-0000-4000-8000-000000000001',
      app_metadata: { admin: true },
      data: { role: 'service_role' },
    })
    const { user, access_token } = await answer.json()
    expect(user).toMatchObject({ role: 'authenticated', app_metadata: { provider: 'email' } })
    expect(user.app_metadata.admin).toBeUndefined()
    expect(user.id).not.toBe('00000000-0000-4000-8000-000000000001')
    expect(payload(access_token).role).toBe('authenticated')
  })

  test('refuses metadata that a token could not carry', async () => {
    const { error } = await auth.client().auth.signUp({
      email: auth.newEmail(),
      password,
      options: { data: { about: 'x'.repeat(9000) } },
    })
    expect(error).toMatchObject({ status: 400, code: 'validation_failed' })
  })
})

describe('sign-in', () => {
  test('works by supabase-js and by its alias /login', async () => {
    const { email, user } = await auth.signUp()
    const { data, error } = await auth
      .client()
      .auth.signInWithPassword({ email: email.toUpperCase(), password })
    expect(error).toBeNull()
    expect(data.user?.id).toBe(user.id)
    const alias = await auth.post('/login', { email, password })
    expect(alias.status).toBe(200)
    expect(alias.headers.get('cache-control')).toBe('no-store')
    expect(await alias.json()).toMatchObject({ token_type: 'bearer', user: { id: user.id, email } })
  })

  test('answers a wrong password and an unknown address alike, to the byte', async () => {
    const { email } = await auth.signUp()
    const answers = await Promise.all(
      [email, auth.newEmail('nobody'), 'not an address', `${'x'.repeat(300)}@example.com`].map(
        async (who) => {
          const answer = await auth.post('/token?grant_type=password', {
            email: who,
            password: 'wrong password',
          })
          return { status: answer.status, body: await answer.text() }
        },
      ),
    )
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]).toMatchObject({ status: 400 })
    expect(JSON.parse(answers[0]?.body ?? '')).toEqual({
      code: 400,
      error_code: 'invalid_credentials',
      msg: 'Invalid login credentials',
    })
  })

  test('speaks the API version that the client names', async () => {
    const version = { 'x-supabase-api-version': '2024-01-01' }
    const answer = await auth.post(
      '/token?grant_type=password',
      { email: auth.newEmail(), password },
      version,
    )
    expect(answer.headers.get('x-supabase-api-version')).toBe('2024-01-01')
    expect(await answer.json()).toEqual({ code: 'invalid_credentials', message: 'Invalid login credentials' })
  })

  test.each([
    ['no body', ''],
    ['an empty object', '{}'],
    ['null', { email: null, password: null }],
  ])('with %s says what is missing', async (_, body) => {
    const answer = await auth.post('/token?grant_type=password', body)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ error_code: 'validation_failed' })
  })

  test.each([
    ['broken JSON', '{"email":'],
    ['a list', '[]'],
    ['a form', 'email=ada&password=x'],
    ['an object for a password', { email: 'a@example.com', password: { $ne: '' } }],
    ['a number for an address', { email: 1, password }],
    ['U+0000 in a password', { email: 'a@example.com', password: 'corr\0ect horse' }],
    ['half an emoji', '{"email":"a@example.com","password":"\\ud83d 12345678"}'],
    ['an abyss', '['.repeat(100_000)],
  ])('with %s is bad JSON', async (_, body) => {
    const answer = await auth.post('/token?grant_type=password', body)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 400, error_code: 'bad_json', msg: expect.any(String) })
  })

  test('with more than a megabyte is refused', async () => {
    const answer = await auth.post('/token?grant_type=password', {
      email: 'a',
      password: 'x'.repeat(1_100_000),
    })
    expect(answer.status).toBe(413)
    expect(await answer.json()).toMatchObject({ error_code: 'request_too_large' })
  })
})
