import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { payload } from './auth-client'
import { Browser, type Page } from './browser'
import { APP, fragment, query, startWithOidc } from './oidc-world'

type World = Awaited<ReturnType<typeof startWithOidc>>
let world: World
let auth: World['auth']

beforeAll(async () => {
  world = await startWithOidc()
  auth = world.auth
})

afterAll(() => world.stop())

describe('signInWithOAuth', () => {
  test('ends with a code that only whoever began can exchange', async () => {
    const supabase = world.withPkce()
    const person = world.newPerson()
    const page = await world.signIn(supabase, person.sub)
    expect(page.url.href).toMatch(/^https:\/\/app\.example\.com\/signed-in\?code=[\w-]{36}$/)
    const { code = '' } = query(page)

    const thief = await world.withPkce('b'.repeat(43)).auth.exchangeCodeForSession(code)
    expect(thief.error).toMatchObject({ code: 'bad_code_verifier' })

    const { data, error } = await supabase.auth.exchangeCodeForSession(code)
    expect(error).toBeNull()
    expect(data.session).toMatchObject({
      provider_token: expect.any(String),
      user: {
        email: person.email,
        email_confirmed_at: expect.any(String),
        app_metadata: { provider: 'keycloak', providers: ['keycloak'] },
        user_metadata: {
          email: person.email,
          email_verified: true,
          full_name: 'Grace Hopper',
          name: 'Grace Hopper',
          phone_verified: false,
          provider_id: person.sub,
          sub: person.sub,
        },
        identities: [{ provider: 'keycloak', id: person.sub, identity_data: { sub: person.sub } }],
      },
    })
    expect(payload(data.session?.access_token ?? '')).toMatchObject({
      aal: 'aal1',
      amr: [{ method: 'oauth' }],
    })
    const again = await supabase.auth.exchangeCodeForSession(code)
    expect(again.error).not.toBeNull()
  })

  test('ends with a session in the fragment when no code was asked for', async () => {
    const page = await world.signIn(world.implicit(), world.newPerson().sub)
    const tokens = fragment(page)
    expect(tokens).toMatchObject({
      token_type: 'bearer',
      expires_in: '3600',
      provider_token: expect.any(String),
    })
    expect(page.url.search).toBe('')
    const { data } = await auth.client().auth.getUser(tokens.access_token)
    expect(data.user?.app_metadata.provider).toBe('keycloak')
    expect((await auth.refresh(tokens.refresh_token ?? '')).status).toBe(200)
  })

  test('leads the same person into the same account', async () => {
    const person = world.newPerson()
    const first = await world.userOf(await world.signIn(world.implicit(), person.sub))
    world.idp.add({ ...person, name: 'Rear Admiral Hopper' })
    const second = await world.userOf(await world.signIn(world.implicit(), person.sub))
    expect(second.id).toBe(first.id)
    expect(second.user_metadata.full_name).toBe('Rear Admiral Hopper')
  })

  test('leads to the application’s own scheme where that is allowed', async () => {
    const page = await world.signIn(world.implicit(), world.newPerson().sub, {
      redirectTo: 'chat://signed-in',
      stopAt: 'chat:',
    })
    expect(page.url.protocol).toBe('chat:')
    expect(fragment(page).access_token).toBeTruthy()
  })

  test('comes back with the provider’s refusal', async () => {
    const page = await world.signIn(world.withPkce(), 'nobody')
    const refusal = {
      error: 'access_denied',
      error_code: 'bad_oauth_callback',
      error_description: 'The person said no',
    }
    expect(query(page)).toEqual(refusal)
    expect(fragment(page)).toEqual(refusal)
  })

  test('refuses providers that are off, unknown, or nothing', async () => {
    for (const provider of ['google', 'myspace', 'custom:nothing', '', '__proto__', 'constructor']) {
      const answer = await fetch(`${auth.server.url}/auth/v1/authorize?provider=${provider}`)
      expect([answer.status, await answer.json()]).toMatchObject([400, { error_code: 'validation_failed' }])
    }
  })

  test('needs no key, and says in /settings what is on', async () => {
    const answer = await fetch(`${auth.server.url}/auth/v1/authorize?provider=keycloak`, {
      redirect: 'manual',
    })
    expect(answer.status).toBe(302)
    const settings = await (await auth.ask('/settings')).json()
    expect(settings.external).toMatchObject({ keycloak: true, google: false, email: true })
  })
})

describe('the way to the provider', () => {
  async function begin(more = ''): Promise<{ to: URL; cookie: string }> {
    const answer = await fetch(`${auth.server.url}/auth/v1/authorize?provider=keycloak${more}`, {
      redirect: 'manual',
    })
    return {
      to: new URL(answer.headers.get('location') ?? ''),
      cookie: answer.headers.getSetCookie().join('\n'),
    }
  }

  test('carries state, nonce and a code challenge of its own', async () => {
    const { to, cookie } = await begin('&prompt=login&hd=example.com')
    expect(Object.fromEntries(to.searchParams)).toMatchObject({
      client_id: 'chat',
      response_type: 'code',
      redirect_uri: `${auth.server.url}/auth/v1/callback`,
      scope: 'openid email profile',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{36}$/),
      prompt: 'login',
      hd: 'example.com',
    })
    expect(cookie).toMatch(/HttpOnly; SameSite=Lax/)
    expect(cookie).toContain('Path=/auth/v1/callback')
  })

  test('cannot be bent by the query', async () => {
    const { to } = await begin(
      '&client_id=evil&redirect_uri=https://evil.example.com&response_type=token&state=mine&nonce=mine&request_uri=x',
    )
    const sent = Object.fromEntries(to.searchParams)
    expect(sent).toMatchObject({
      client_id: 'chat',
      response_type: 'code',
      redirect_uri: `${auth.server.url}/auth/v1/callback`,
    })
    expect([sent.state, sent.nonce]).not.toContain('mine')
    expect(sent).not.toHaveProperty('request_uri')
  })

  test('leads back to the site instead of anywhere that is not allowed', async () => {
    const evil = [
      'https://evil.example.com/',
      '//evil.example.com',
      'javascript:alert(1)',
      'https://app.example.com@evil.example.com/',
      'https://app.example.com.evil.example.com/',
      'https://app.example.com\\@evil.example.com/',
    ]
    for (const redirectTo of evil) {
      const person = world.newPerson()
      const page = await world.signIn(world.implicit(), person.sub, {
        redirectTo,
        stopAt: `${auth.server.url}/#`,
      })
      expect(page.url.origin).toBe(auth.server.url)
      expect(fragment(page).access_token).toBeTruthy()
    }
  })

  test('asks for a challenge in full or not at all', async () => {
    for (const half of ['&code_challenge=short&code_challenge_method=s256', '&code_challenge_method=s256']) {
      const answer = await fetch(`${auth.server.url}/auth/v1/authorize?provider=keycloak${half}`)
      expect([answer.status, await answer.json()]).toMatchObject([400, { error_code: 'validation_failed' }])
    }
  })
})

describe('the way back', () => {
  /** The address that the provider would send the browser to. */
  async function answered(browser: Browser, person = world.newPerson().sub): Promise<URL> {
    const page = await world.signIn(world.implicit(), person, {
      browser,
      stopAt: `${auth.server.url}/auth/v1/callback`,
    })
    return page.url
  }

  function refusal(page: Page) {
    return { origin: page.url.origin, ...query(page) }
  }

  test('is taken once', async () => {
    const browser = new Browser()
    const url = await answered(browser)
    const first = await browser.open(url.href, APP)
    expect(fragment(first).access_token).toBeTruthy()
    const second = await browser.open(url.href, `${auth.server.url}/?`)
    expect(refusal(second)).toMatchObject({ origin: auth.server.url, error_code: 'bad_oauth_state' })
  })

  test('is taken from the browser that set out only', async () => {
    const url = await answered(new Browser())
    const page = await new Browser().open(url.href, `${auth.server.url}/?`)
    expect(refusal(page)).toMatchObject({ error_code: 'bad_oauth_state' })
  })

  test('is not taken with another state, none, or one that is over', async () => {
    const browser = new Browser()
    for (const state of ['', 'x', '00000000-0000-4000-8000-000000000000']) {
      const url = await answered(browser)
      url.searchParams.set('state', state)
      const page = await browser.open(url.href, `${auth.server.url}/?`)
      expect(query(page).error_code).toMatch(/^bad_oauth_(state|callback)$/)
    }
    const late = await answered(browser)
    await auth.server.database.admin`update auth.flow_state set created_at = now() - interval '301 seconds'`
    expect(query(await browser.open(late.href, `${auth.server.url}/?`))).toMatchObject({
      error_code: 'bad_oauth_state',
      error_description: 'OAuth state has expired',
    })
  })

  test('is not taken with a code of another sign-in, from another provider, or none', async () => {
    const browser = new Browser()
    const [one, other] = [await answered(browser), await answered(browser)]
    one.searchParams.set('code', other.searchParams.get('code') ?? '')
    const swapped = await browser.open(one.href, APP)
    expect(query(swapped)).toMatchObject({ error: 'server_error', error_code: 'unexpected_failure' })

    const mixed = await answered(browser)
    expect(mixed.searchParams.get('iss')).toBe(world.idp.issuer)
    mixed.searchParams.set('iss', 'https://evil.example.com')
    expect(query(await browser.open(mixed.href, APP))).toMatchObject({ error: 'server_error' })

    const empty = await answered(browser)
    empty.searchParams.delete('code')
    expect(query(await browser.open(empty.href, APP))).toMatchObject({ error_code: 'bad_oauth_callback' })
  })

  test('may be a form', async () => {
    const browser = new Browser()
    const url = await answered(browser)
    const page = await browser.open(`${auth.server.url}/auth/v1/callback`, APP, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: url.searchParams,
    })
    expect(fragment(page).access_token).toBeTruthy()
  })
})
