import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { payload } from './auth-client'
import { APP, fragment, query } from './oidc-world'
import { createSamlIdp } from './saml-idp'
import { relayStateOf, startWithSaml } from './saml-world'

let world: Awaited<ReturnType<typeof startWithSaml>>
let idp: Awaited<ReturnType<typeof createSamlIdp>>
let providerId: string

beforeAll(async () => {
  world = await startWithSaml()
  idp = await createSamlIdp('https://idp.example.com')
  providerId = await world.add(idp, {
    domains: ['Example.com'],
    attribute_mapping: {
      keys: { name: { name: 'displayName' }, department: { names: ['ou', 'dept'], default: 'none' } },
    },
  })
})

afterAll(() => world.stop())

const ada = {
  nameId: 'ada-1',
  email: 'ada@example.com',
  attributes: { displayName: 'Ada Lovelace', dept: 'Engines' },
}

async function userOf(token = '') {
  const { data, error } = await world.auth.client().auth.getUser(token)
  if (error) throw error
  return data.user
}

describe('signInWithSSO', () => {
  test('leads to the identity provider of a domain, with a signed request', async () => {
    const supabase = world.auth.client()
    const { data, error } = await supabase.auth.signInWithSSO({
      domain: 'example.COM',
      options: { redirectTo: APP },
    })
    expect(error).toBeNull()
    expect(data?.url).toMatch(/^https:\/\/idp\.example\.com\/sign-in\?SAMLRequest=/)
    const request = await idp.checkRequest(world.metadata, data?.url ?? '')
    expect(request).toMatchObject({
      issuer: `${world.base}/sso/saml/metadata`,
      request: { assertionConsumerServiceUrl: `${world.base}/sso/saml/acs` },
    })
    const forged = (data?.url ?? '').replace(/RelayState=[^&]+/, 'RelayState=another')
    await expect(idp.checkRequest(world.metadata, forged)).rejects.toThrow()
  })

  test('redirects unless told not to', async () => {
    const answer = await fetch(`${world.base}/sso`, {
      method: 'POST',
      redirect: 'manual',
      headers: { apikey: world.auth.server.publishableKey },
      body: JSON.stringify({ provider_id: providerId }),
    })
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      expect.stringContaining(idp.location),
    ])
  })

  test('signs in whom the identity provider vouches for', async () => {
    const page = await world.signIn(idp, providerId, ada)
    expect(page.url.href).toMatch(/^https:\/\/app\.example\.com\/signed-in#access_token=/)
    const { access_token: token = '' } = fragment(page)
    expect(payload(token)).toMatchObject({ aal: 'aal1', amr: [{ method: 'sso/saml', provider: providerId }] })
    const user = await userOf(token)
    expect(user).toMatchObject({
      email: 'ada@example.com',
      app_metadata: { provider: `sso:${providerId}`, providers: [`sso:${providerId}`] },
      user_metadata: {
        email: 'ada@example.com',
        email_verified: true,
        name: 'Ada Lovelace',
        full_name: 'Ada Lovelace',
        iss: 'https://idp.example.com',
        sub: 'ada-1',
        custom_claims: { department: 'Engines' },
      },
      identities: [{ provider: `sso:${providerId}`, id: 'ada-1' }],
    })
    const [row] = await world.auth.server.database.admin`
      select is_sso_user, encrypted_password from auth.users where id = ${user.id}`
    expect(row).toEqual({ is_sso_user: true, encrypted_password: null })
    const again = await world.signIn(idp, providerId, ada)
    expect((await userOf(fragment(again).access_token)).id).toBe(user.id)
    const refreshed = await (await world.auth.refresh(fragment(again).refresh_token ?? '')).json()
    expect(payload(refreshed.access_token).amr).toMatchObject([{ method: 'sso/saml' }])
  })

  test('ends with a code where one was asked for', async () => {
    const kept = new Map<string, string>()
    const { createClient } = await import('@supabase/supabase-js')
    const supabase = createClient(world.auth.server.url, world.auth.server.publishableKey, {
      auth: {
        flowType: 'pkce',
        autoRefreshToken: false,
        detectSessionInUrl: false,
        storage: {
          getItem: (key) => kept.get(key) ?? null,
          setItem: (key, value) => void kept.set(key, value),
          removeItem: (key) => void kept.delete(key),
        },
      },
      realtime: { transport: (await import('ws')).default as never },
    })
    const page = await world.signIn(
      idp,
      providerId,
      { ...ada, nameId: 'ada-2', email: 'ada.2@example.com' },
      { supabase },
    )
    expect(page.url.hash).toBe('')
    const { data, error } = await supabase.auth.exchangeCodeForSession(query(page).code ?? '')
    expect(error).toBeNull()
    expect(data.user?.email).toBe('ada.2@example.com')
    expect(payload(data.session?.access_token ?? '').amr).toMatchObject([{ method: 'sso/saml' }])
  })

  test('begins at the identity provider too', async () => {
    const response = await idp.respond({ metadata: world.metadata }, ada)
    const page = await world.bring(response, 'https://app.example.com/start')
    expect(page.url.href).toMatch(/^https:\/\/app\.example\.com\/start#access_token=/)
    const other = await idp.respond({ metadata: world.metadata }, ada)
    const elsewhere = await world.bring(other, 'https://evil.example.com/')
    expect(elsewhere.url.origin).toBe(world.auth.server.url)
    expect(fragment(elsewhere).access_token).toBeTruthy()
  })

  test('keeps to itself: somebody else’s address is no way into their account', async () => {
    const { user, email } = await world.auth.signUp()
    const page = await world.signIn(idp, providerId, { nameId: 'guest', email })
    const arrived = await userOf(fragment(page).access_token)
    expect(arrived.email).toBe(email)
    expect(arrived.id).not.toBe(user.id)
    expect((await world.auth.signIn(email)).user.id).toBe(user.id)
  })

  test('ends the session when the identity provider says so', async () => {
    const sessionUntil = new Date(Date.now() + 3_600_000)
    const page = await world.signIn(idp, providerId, ada, { changes: { sessionUntil } })
    const { session_id: id } = payload(fragment(page).access_token ?? '')
    const { admin } = world.auth.server.database
    const [row] = await admin`select not_after from auth.sessions where id = ${String(id)}`
    expect(row?.not_after).toEqual(sessionUntil)
    expect((await userOf(fragment(page).access_token)).email).toBe(ada.email)
    await admin`update auth.sessions set not_after = now() where id = ${String(id)}`
    const asked = await world.auth.client().auth.getUser(fragment(page).access_token)
    expect(asked.error?.name).toBe('AuthSessionMissingError')
    const answer = await world.auth.refresh(fragment(page).refresh_token ?? '')
    expect(await answer.json()).toMatchObject({ error_code: 'session_expired' })
  })

  test('says what is missing', async () => {
    const refusals: [object, number, string][] = [
      [{}, 400, 'validation_failed'],
      [{ domain: 'example.com', provider_id: providerId }, 400, 'validation_failed'],
      [{ domain: 'nowhere.example' }, 404, 'sso_provider_not_found'],
      [{ provider_id: '00000000-0000-4000-8000-000000000000' }, 404, 'sso_provider_not_found'],
      [{ provider_id: 'x' }, 400, 'validation_failed'],
      [
        { provider_id: providerId, code_challenge: 'x', code_challenge_method: 's256' },
        400,
        'validation_failed',
      ],
    ]
    for (const [body, status, code] of refusals) {
      const answer = await world.auth.post('/sso', body)
      expect([answer.status, await answer.json()]).toMatchObject([status, { error_code: code }])
    }
  })

  test('is refused while the provider is switched off, and to who is banned', async () => {
    const url = await world.begin(world.auth.client(), providerId)
    await world.admin('PUT', `/${providerId}`, { disabled: true })
    expect((await world.auth.post('/sso', { provider_id: providerId })).status).toBe(404)
    const late = await world.bring(
      await idp.respond({ metadata: world.metadata, url }, ada),
      relayStateOf(url),
    )
    expect(query(late)).toMatchObject({ error_code: 'sso_provider_disabled' })
    await world.admin('PUT', `/${providerId}`, { disabled: false })

    const user = await userOf(fragment(await world.signIn(idp, providerId, ada)).access_token)
    const admin = world.auth.client(world.auth.server.secretKey).auth.admin
    await admin.updateUserById(user.id, { ban_duration: '1h' })
    expect(query(await world.signIn(idp, providerId, ada))).toMatchObject({ error_code: 'user_banned' })
    await admin.updateUserById(user.id, { ban_duration: 'none' })
    expect(fragment(await world.signIn(idp, providerId, ada)).access_token).toBeTruthy()
  })
})
