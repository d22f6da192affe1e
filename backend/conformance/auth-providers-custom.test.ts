import type { SupabaseClient } from '@supabase/supabase-js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { oidcClient } from './oidc-server'
import { fragment, query, startWithOidc } from './oidc-world'

let world: Awaited<ReturnType<typeof startWithOidc>>
let admin: SupabaseClient['auth']['admin']['customProviders']

beforeAll(async () => {
  world = await startWithOidc({ externalAllowPrivateHosts: true, externalProviders: {} })
  admin = world.auth.client(world.auth.server.secretKey).auth.admin.customProviders
})

afterAll(() => world.stop())

function oidc(identifier: string, more: object = {}) {
  return {
    provider_type: 'oidc' as const,
    identifier,
    name: 'Okta of the company',
    ...oidcClient,
    issuer: world.idp.issuer,
    scopes: ['email', 'profile'],
    ...more,
  }
}

function oauth2(identifier: string, more: object = {}) {
  return {
    provider_type: 'oauth2' as const,
    identifier,
    name: 'Something older',
    ...oidcClient,
    authorization_url: `${world.idp.issuer}/auth`,
    token_url: `${world.idp.issuer}/token`,
    userinfo_url: `${world.idp.issuer}/me`,
    scopes: ['openid', 'email', 'profile'],
    ...more,
  }
}

describe('admin.customProviders', () => {
  test('adds, reads, changes and removes', async () => {
    const { data: made, error } = await admin.createProvider(oidc('custom:okta'))
    expect(error).toBeNull()
    expect(made).toMatchObject({
      identifier: 'custom:okta',
      provider_type: 'oidc',
      client_id: 'chat',
      scopes: ['openid', 'email', 'profile'],
      enabled: true,
      pkce_enabled: true,
      email_optional: false,
      discovery_document: { issuer: world.idp.issuer, token_endpoint: `${world.idp.issuer}/token` },
    })
    expect((await admin.getProvider('custom:okta')).data).toEqual(made)
    const changed = await admin.updateProvider('custom:okta', {
      name: 'Okta',
      enabled: false,
      scopes: ['email'],
    })
    expect(changed.data).toMatchObject({
      name: 'Okta',
      enabled: false,
      scopes: ['openid', 'email'],
      client_id: 'chat',
    })
    await admin.createProvider(oauth2('older'))
    const listed = await admin.listProviders()
    expect(listed.data.providers.map(({ identifier }) => identifier)).toEqual(['custom:older', 'custom:okta'])
    const byType = await admin.listProviders({ type: 'oidc' })
    expect(byType.data.providers.map(({ identifier }) => identifier)).toEqual(['custom:okta'])
    for (const identifier of ['custom:okta', 'custom:older']) {
      expect((await admin.deleteProvider(identifier)).error).toBeNull()
    }
    expect((await admin.getProvider('custom:okta')).error).toMatchObject({ code: 'provider_not_found' })
  })

  test('never tells the secret, and does not leave it lying in the database', async () => {
    await admin.createProvider(oidc('custom:secret'))
    const answers = [
      await admin.getProvider('custom:secret'),
      await admin.listProviders(),
      await admin.updateProvider('custom:secret', { name: 'Another' }),
    ]
    expect(JSON.stringify(answers)).not.toMatch(/client_secret|a secret of the chat/)
    const rows = await world.auth.server.database.admin`select * from auth.custom_oauth_providers`
    expect(JSON.stringify(rows)).not.toContain(oidcClient.client_secret)
    expect(rows[0]?.client_secret).toMatch(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/)
  })

  test('says what is wrong', async () => {
    const wrong: [object, RegExp][] = [
      [oidc('custom:x', { issuer: undefined }), /issuer is required/],
      [oidc('custom:x', { client_secret: '' }), /client_secret is required/],
      [oidc('custom:google'), /reserved provider name/],
      [oidc('custom:Ä'), /identifier/],
      [oidc('custom:x', { provider_type: 'saml' }), /provider_type/],
      [oidc('custom:x', { issuer: 'javascript:alert(1)' }), /https:/],
      [oidc('custom:x', { issuer: `${world.idp.issuer}/nothing` }), /discovery document/],
      [
        oidc('custom:x', {
          issuer: 'https://other.example.com',
          discovery_url: `${world.idp.issuer}/.well-known/openid-configuration`,
        }),
        /another issuer/,
      ],
      [oidc('custom:x', { authorization_params: { state: 'mine' } }), /reserved OAuth parameter/],
      [oidc('custom:x', { attribute_mapping: { role: 'role' } }), /protected system field/],
      [oauth2('custom:x', { token_url: undefined }), /token_url is required/],
    ]
    for (const [params, message] of wrong) {
      const { error } = await admin.createProvider(params as never)
      expect(error).toMatchObject({ status: 400, message: expect.stringMatching(message) })
    }
    await admin.createProvider(oidc('custom:twice'))
    expect((await admin.createProvider(oidc('custom:twice'))).error).toMatchObject({ code: 'conflict' })
  })

  test('is for administrators', async () => {
    const { session } = await world.auth.signUp()
    const headers = { authorization: `Bearer ${session.access_token}` }
    for (const [method, path] of [
      ['GET', ''],
      ['POST', ''],
      ['PUT', '/custom:secret'],
      ['DELETE', '/custom:secret'],
    ]) {
      const body = method === 'GET' ? null : '{}'
      const answer = await world.auth.ask(`/admin/custom-providers${path}`, {
        method: method ?? '',
        headers,
        body,
      })
      expect([answer.status, await answer.json()]).toMatchObject([403, { error_code: 'not_admin' }])
    }
  })
})

describe('a sign-in', () => {
  test('with an OpenID provider', async () => {
    await admin.createProvider(oidc('custom:company', { custom_claims_allowlist: ['picture', 'nothing'] }))
    const person = world.newPerson({ picture: 'https://example.com/grace.png' })
    const supabase = world.withPkce()
    const page = await world.signIn(supabase, person.sub, { provider: 'custom:company' })
    const { data, error } = await supabase.auth.exchangeCodeForSession(query(page).code ?? '')
    expect(error).toBeNull()
    expect(data.user).toMatchObject({
      email: person.email,
      app_metadata: { provider: 'custom:company' },
      user_metadata: { custom_claims: { picture: 'https://example.com/grace.png' } },
    })
  })

  test('with an OAuth provider that is asked who it is', async () => {
    await admin.createProvider(
      oauth2('custom:plain', {
        attribute_mapping: { user_name: 'name', nickname: 'name', locale: 'nothing' },
      }),
    )
    const person = world.newPerson()
    const page = await world.signIn(world.implicit(), person.sub, { provider: 'custom:plain' })
    const user = await world.userOf(page)
    expect(user).toMatchObject({
      email: person.email,
      user_metadata: { user_name: 'Grace Hopper', sub: person.sub },
    })
  })

  test('with a provider that is off is refused', async () => {
    await admin.createProvider(oidc('custom:off', { enabled: false }))
    const answer = await fetch(`${world.auth.server.url}/auth/v1/authorize?provider=custom:off`)
    expect([answer.status, await answer.json()]).toMatchObject([400, { error_code: 'validation_failed' }])
  })

  test('without an address where that is allowed', async () => {
    await admin.createProvider(oidc('custom:nameless', { email_optional: true }))
    world.idp.add({ sub: 'nameless' })
    const page = await world.signIn(world.implicit(), 'nameless', { provider: 'custom:nameless' })
    expect(await world.userOf(page)).toMatchObject({
      email: '',
      app_metadata: { provider: 'custom:nameless' },
    })
    await admin.updateProvider('custom:nameless', { email_optional: false })
    world.idp.add({ sub: 'nameless too' })
    const refused = await world.signIn(world.implicit(), 'nameless too', { provider: 'custom:nameless' })
    expect(fragment(refused).access_token).toBeUndefined()
  })
})

test('addresses inside the own network are not asked unless that is allowed', async () => {
  const careful = await startWithOidc()
  try {
    const client = careful.auth.client(careful.auth.server.secretKey)
    let asked = 0
    careful.idp.onRequest(() => {
      asked += 1
    })
    const port = new URL(careful.idp.issuer).port
    for (const host of ['127.0.0.1', 'localhost', '2130706433', '[::ffff:127.0.0.1]', '169.254.169.254']) {
      const { error } = await client.auth.admin.customProviders.createProvider(
        oidc('custom:inside', { issuer: `https://${host}:${port}` }),
      )
      expect(error).toMatchObject({ status: 400, message: expect.stringContaining('inside the own network') })
    }
    expect(asked).toBe(0)
  } finally {
    await careful.stop()
  }
})
