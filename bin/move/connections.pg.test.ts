import { afterAll, beforeAll, expect, test } from 'vitest'
import { sealOfProviders } from '../../backend/auth/seal'
import { startAuth } from '../../backend/conformance/auth-client'
import { Browser } from '../../backend/conformance/browser'
import { oidcClient } from '../../backend/conformance/oidc-server'
import { APP, startWithOidc } from '../../backend/conformance/oidc-world'
import { moveConnections } from './connections.mjs'

// From an installation with an OpenID provider to what stands in for a Supabase project: its Auth API, with a key of its own.

let here: Awaited<ReturnType<typeof startWithOidc>>
let project: Awaited<ReturnType<typeof startAuth>>
beforeAll(async () => {
  here = await startWithOidc({ externalAllowPrivateHosts: true })
  project = await startAuth({
    externalAllowPrivateHosts: true,
    redirectUrls: ['https://app.example.com/**'],
  })
  await here.idp.open([`${project.server.url}/auth/v1/callback`])
  const { customProviders } = here.auth.client(here.auth.server.secretKey).auth.admin
  const common = { ...oidcClient, enabled: true, pkce_enabled: true }
  for (const provider of [
    {
      ...{ provider_type: 'oidc', identifier: 'custom:sso-1', name: 'Acme', issuer: here.idp.issuer },
      scopes: ['openid', 'email', 'profile'],
    },
    {
      ...{ provider_type: 'oauth2', identifier: 'custom:plain', name: 'Plain' },
      ...{ authorization_url: 'https://id.example.com/a', token_url: 'https://id.example.com/t' },
      ...{ userinfo_url: 'https://id.example.com/u', attribute_mapping: { name: 'nick', email: 'mail' } },
    },
  ] as const) {
    const { error } = await customProviders.createProvider({ ...common, ...provider } as never)
    expect(error).toBe(null)
  }
})
afterAll(async () => {
  await project?.server.stop()
  await here?.stop()
})

const side = ({ url, secretKey }: { url: string; secretKey: string }) => ({ url, key: secretKey })
const move = (options: object = {}) =>
  moveConnections({
    source: here.auth.server.database.admin,
    from: side(here.auth.server),
    to: side(project.server),
    open: sealOfProviders(here.auth.server.secrets.signingKey).open,
    dryRun: false,
    say: () => {},
    ...options,
  })
const there = () => project.client(project.server.secretKey).auth.admin.customProviders
const identifiers = async () =>
  (await there().listProviders()).data.providers.map(({ identifier }) => identifier).sort()

test('a dry run says what would move and what is left to people, and writes nothing', async () => {
  const { all, moved, byHand } = await move({ dryRun: true })
  expect({ all, moved }).toEqual({ all: 2, moved: 2 })
  const callback = `${project.server.url}/auth/v1/callback`
  expect(byHand).toEqual([
    `At https://id.example.com/a, allow client chat the redirect address ${callback}.`,
    `At ${here.idp.issuer}, allow client chat the redirect address ${callback}.`,
    `Sign-in with keycloak is off in the project: enter its client ID and secret (Authentication → Sign in / Providers), and allow ${callback} there.`,
  ])
  expect(await identifiers()).toEqual([])
})

test('moved with their secrets: a person signs in there', async () => {
  expect(await move()).toMatchObject({ all: 2, moved: 2 })
  expect(await identifiers()).toEqual(['custom:plain', 'custom:sso-1'])
  expect((await there().getProvider('custom:plain')).data).toMatchObject({
    attribute_mapping: { name: 'nick', email: 'mail' },
  })
  const person = here.newPerson()
  const { data, error } = await project.client().auth.signInWithOAuth({
    provider: 'custom:sso-1' as 'keycloak',
    options: { redirectTo: APP, queryParams: { login_hint: person.sub }, skipBrowserRedirect: true },
  })
  expect(error).toBe(null)
  const page = await new Browser().open(data.url ?? '', 'https://app.example.com/')
  const token = new URLSearchParams(page.url.hash.slice(1)).get('access_token')
  const user = await project.client().auth.getUser(token ?? '')
  expect(user.data.user).toMatchObject({ email: person.email, app_metadata: { provider: 'custom:sso-1' } })
})

test('moved again, they are what they are at the source by then', async () => {
  const { customProviders } = here.auth.client(here.auth.server.secretKey).auth.admin
  await customProviders.updateProvider('custom:plain', { name: 'Renamed', scopes: ['mail'] })
  expect(await move()).toMatchObject({ moved: 2 })
  expect((await there().getProvider('custom:plain')).data).toMatchObject({
    name: 'Renamed',
    scopes: ['mail'],
  })
})

test('a secret that cannot be read here is said, and the rest goes on', async () => {
  for (const open of [null, sealOfProviders(project.server.secrets.signingKey).open]) {
    const { moved, byHand } = await move({ open })
    expect(moved).toBe(0)
    expect(byHand).toContainEqual(
      expect.stringMatching(/^Acme \(custom:sso-1\) is not moved: its secret cannot be read here/),
    )
  }
})

test('what the project does not take is said with its reason', async () => {
  const { admin } = here.auth.server.database
  await admin`update auth.custom_oauth_providers set issuer = 'http://127.0.0.1:1' where identifier = 'custom:sso-1'`
  const { moved, byHand } = await move()
  expect(moved).toBe(1)
  expect(byHand).toContainEqual(
    expect.stringMatching(/^Acme \(custom:sso-1\) is not moved: the project says 400 The discovery document/),
  )
})

test('SAML identity providers have to learn new addresses', async () => {
  const { admin } = here.auth.server.database
  const id = crypto.randomUUID()
  await admin`insert into auth.sso_providers (id) values (${id})`
  await admin`insert into auth.saml_providers (id, sso_provider_id, entity_id, metadata_xml)
    values (${id}, ${id}, 'https://idp.example.com', '<x/>')`
  const { byHand } = await move({ dryRun: true })
  const { url } = project.server
  expect(byHand).toContain(
    `At https://idp.example.com, set the entity ID ${url}/auth/v1/sso/saml/metadata and the ACS address ${url}/auth/v1/sso/saml/acs.`,
  )
})
