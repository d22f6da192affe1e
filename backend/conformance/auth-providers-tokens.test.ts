import { createHash, randomUUID } from 'node:crypto'
import { generateKeyPair, type JWTPayload } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { payload } from './auth-client'
import { Browser } from './browser'
import { fragment, query, startWithOidc } from './oidc-world'

let world: Awaited<ReturnType<typeof startWithOidc>>

beforeAll(async () => {
  world = await startWithOidc({ manualLinking: true })
})

afterAll(() => world.stop())

function claimsOf(more: JWTPayload = {}): JWTPayload {
  const person = world.newPerson()
  return { sub: person.sub, email: person.email, email_verified: true, name: 'Grace Hopper', ...more }
}

function signIn(token: string, more: { nonce?: string; access_token?: string } = {}) {
  return world.auth.client().auth.signInWithIdToken({ provider: 'keycloak', token, ...more })
}

describe('signInWithIdToken', () => {
  test('signs in whoever the token is about', async () => {
    const claims = claimsOf()
    const { data, error } = await signIn(await world.idp.idToken(claims))
    expect(error).toBeNull()
    expect(data.user).toMatchObject({
      email: claims.email,
      app_metadata: { provider: 'keycloak' },
      user_metadata: { full_name: 'Grace Hopper', iss: world.idp.issuer },
    })
    expect(payload(data.session?.access_token ?? '').amr).toMatchObject([{ method: 'oauth' }])
    const again = await signIn(await world.idp.idToken(claims))
    expect(again.data.user?.id).toBe(data.user?.id)
  })

  test('wants the nonce that only the application knows', async () => {
    const nonce = randomUUID()
    const hashed = createHash('sha256').update(nonce).digest('hex')
    const token = await world.idp.idToken(claimsOf({ nonce: hashed }))
    expect((await signIn(token, { nonce })).error).toBeNull()
    expect((await signIn(token, { nonce: hashed })).error?.message).toBe('Nonces mismatch')
    expect((await signIn(token)).error?.message).toMatch(/either both exist or not/)
    expect((await signIn(await world.idp.idToken(claimsOf()), { nonce })).error?.message).toMatch(
      /either both/,
    )
  })

  test('wants the access token that was given with it', async () => {
    const accessToken = 'an access token'
    const half = createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url')
    const token = await world.idp.idToken(claimsOf({ at_hash: half }))
    expect((await signIn(token, { access_token: accessToken })).error).toBeNull()
    expect((await signIn(token, { access_token: 'another' })).error?.message).toBe('Bad ID token')
  })

  test('takes a token for several applications when it was made for us', async () => {
    const aud = ['chat', 'other']
    expect((await signIn(await world.idp.idToken(claimsOf({ aud, azp: 'chat' })))).error).toBeNull()
    for (const azp of ['other', undefined]) {
      const token = await world.idp.idToken(claimsOf({ aud, azp }))
      expect((await signIn(token)).error?.message).toBe('Unacceptable audience in id_token')
    }
  })

  test.each([
    ['of another issuer', { iss: 'https://evil.example.com' }],
    ['for another application', { aud: 'other' }],
    ['that is over', { exp: Math.floor(Date.now() / 1000) - 60 }],
    ['without an end', { exp: undefined }],
    ['about nobody', { sub: undefined }],
    ['of the future', { nbf: Math.floor(Date.now() / 1000) + 600 }],
  ])('refuses a token %s', async (_, claims) => {
    const { error } = await signIn(await world.idp.idToken(claimsOf(claims as JWTPayload)))
    expect(error).toMatchObject({ status: 400, message: expect.stringMatching(/Bad ID token|Unacceptable/) })
  })

  test('refuses a token with another’s signature, with none, and one that is no token', async () => {
    const { privateKey } = await generateKeyPair('RS256')
    const forged = await world.idp.idToken(claimsOf(), privateKey)
    const [, body] = forged.split('.')
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`
    for (const token of [forged, none, 'x', 'a.b.c']) {
      expect((await signIn(token)).error?.message).toBe('Bad ID token')
    }
  })

  test('refuses a request without token or provider, and providers that are off', async () => {
    const token = await world.idp.idToken(claimsOf())
    for (const body of [
      { provider: 'keycloak' },
      { id_token: token },
      { provider: 'google', id_token: token },
    ]) {
      const answer = await world.auth.post('/token?grant_type=id_token', body)
      expect([answer.status, await answer.json()]).toMatchObject([400, { error_code: 'validation_failed' }])
    }
  })
})

describe('linkIdentity', () => {
  test('connects a provider with the account of whoever is signed in', async () => {
    const { supabase, user } = await world.auth.signUp()
    const person = world.newPerson()
    const { data, error } = await supabase.auth.linkIdentity({
      provider: 'keycloak',
      options: { redirectTo: 'https://app.example.com/settings', queryParams: { login_hint: person.sub } },
    })
    expect(error).toBeNull()
    const page = await new Browser().open(data.url ?? '', 'https://app.example.com/')
    expect(fragment(page).access_token).toBeTruthy()
    const { data: connected } = await supabase.auth.getUserIdentities()
    expect(connected?.identities.map(({ provider }) => provider)).toEqual(['email', 'keycloak'])
    // From now on it leads here, whatever its address.
    const later = await world.userOf(await world.signIn(world.implicit(), person.sub))
    expect(later.id).toBe(user.id)
  })

  test('takes an ID token as well', async () => {
    const { supabase, user } = await world.auth.signUp()
    const token = await world.idp.idToken(claimsOf())
    const { data, error } = await supabase.auth.linkIdentity({ provider: 'keycloak', token })
    expect(error).toBeNull()
    expect(data.user?.id).toBe(user.id)
    expect(data.user?.app_metadata.providers).toEqual(['email', 'keycloak'])
  })

  test('refuses an identity that is connected already', async () => {
    const claims = claimsOf()
    const token = await world.idp.idToken(claims)
    await signIn(token)
    const { supabase } = await world.auth.signUp()
    const { error } = await supabase.auth.linkIdentity({ provider: 'keycloak', token })
    expect(error).toMatchObject({
      code: 'identity_already_exists',
      message: 'Identity is already linked to another user',
    })
    const begun = await supabase.auth.linkIdentity({
      provider: 'keycloak',
      options: { redirectTo: 'https://app.example.com/', queryParams: { login_hint: String(claims.sub) } },
    })
    const page = await new Browser().open(begun.data.url ?? '', 'https://app.example.com/')
    expect(query(page)).toMatchObject({ error_code: 'identity_already_exists' })
  })

  test('needs somebody who is signed in', async () => {
    const token = await world.idp.idToken(claimsOf())
    const body = { provider: 'keycloak', id_token: token, link_identity: true }
    expect((await world.auth.post('/token?grant_type=id_token', body)).status).toBe(401)
    expect((await world.auth.ask('/user/identities/authorize?provider=keycloak')).status).toBe(401)
  })
})

describe('unlinkIdentity', () => {
  test('takes one off, and never the last', async () => {
    const { supabase, email } = await world.auth.signUp()
    const claims = claimsOf()
    await supabase.auth.linkIdentity({ provider: 'keycloak', token: await world.idp.idToken(claims) })
    const { data } = await supabase.auth.getUserIdentities()
    const [byEmail, byProvider] = data?.identities ?? []
    if (!byEmail || !byProvider) throw new Error('two identities expected')

    expect((await supabase.auth.unlinkIdentity(byEmail)).error).toBeNull()
    const user = (await supabase.auth.getUser()).data.user
    expect(user).toMatchObject({
      email: claims.email,
      app_metadata: { provider: 'keycloak', providers: ['keycloak'] },
    })
    await expect(world.auth.signIn(email)).rejects.toMatchObject({ code: 'invalid_credentials' })
    expect((await supabase.auth.unlinkIdentity(byProvider)).error).toMatchObject({
      code: 'single_identity_not_deletable',
    })
  })

  test('is about one’s own identities only', async () => {
    const ada = await world.auth.signUp()
    await ada.supabase.auth.linkIdentity({
      provider: 'keycloak',
      token: await world.idp.idToken(claimsOf()),
    })
    const grace = await world.auth.signUp()
    await grace.supabase.auth.linkIdentity({
      provider: 'keycloak',
      token: await world.idp.idToken(claimsOf()),
    })
    const { data } = await ada.supabase.auth.getUserIdentities()
    const [first] = data?.identities ?? []
    if (!first) throw new Error('an identity expected')
    expect((await grace.supabase.auth.unlinkIdentity(first)).error).toMatchObject({
      code: 'identity_not_found',
    })
    expect((await ada.supabase.auth.unlinkIdentity(first)).error).toBeNull()
  })
})

test('connecting is off unless it is switched on', async () => {
  const other = await startWithOidc()
  try {
    const { supabase, user } = await other.auth.signUp()
    const { error } = await supabase.auth.linkIdentity({ provider: 'keycloak' })
    expect(error).toMatchObject({ status: 404, code: 'manual_linking_disabled' })
    const [identity] = user.identities ?? []
    if (!identity) throw new Error('an identity expected')
    expect((await supabase.auth.unlinkIdentity(identity)).error).toMatchObject({
      code: 'manual_linking_disabled',
    })
    const token = await other.idp.idToken({ sub: 'x', email: 'x@example.com', email_verified: true })
    const linked = await supabase.auth.linkIdentity({ provider: 'keycloak', token })
    expect(linked.error).toMatchObject({ code: 'manual_linking_disabled' })
  } finally {
    await other.stop()
  }
})
