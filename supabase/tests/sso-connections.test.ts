import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { call, openWorld, PERSONAS, type Persona, refusal, type World } from './personas'

let world: World
let saml: string
beforeAll(async () => {
  world = await openWorld()
})
beforeEach(async () => {
  const { admin } = world.database
  await admin`delete from sso_connections`
  saml = (await add('saml', 'acme-id', ['acme.test']))?.id
  await add('oidc', 'custom:agency', ['agency.test'], 'guest')
})
afterAll(() => world.stop())

const add = async (kind: string, provider: string, domains: string[], role = 'member') =>
  (
    await world.database
      .admin`insert into sso_connections (workspace_id, kind, name, provider, domains, default_role)
      values (${world.workspace}, ${kind}, 'Company', ${provider}, ${domains}, ${role}) returning *`
  )[0]
const memberships = async (person: string) =>
  await world.database.admin`select workspace_id, role from workspace_members where user_id = ${person}`
const arrive = async (provider: string, email: string, more: object = {}) => {
  const person = await world.signUp('Nora New', `${randomUUID()}@x.test`)
  await world.database.admin`insert into auth.identities (provider_id, user_id, identity_data, provider)
    values (${randomUUID()}, ${person}, ${world.database.admin.json({ email, ...more })}, ${provider})`
  return person
}

test('are seen by owners of their workspace only, and written by nobody by hand', async () => {
  for (const who of PERSONAS) {
    if (who === 'anonymous') continue
    const seen = await world.as(who, (sql) => sql`select id from sso_connections`)
    expect(seen.length, who).toBe(who === 'owner' ? 2 : 0)
    expect(await refusal(world.as(who, (sql) => sql`delete from sso_connections`))).toBe('42501')
    expect(await refusal(world.as(who, (sql) => sql`update sso_connections set name = 'x'`))).toBe('42501')
    const row = { workspace_id: world.workspace, kind: 'saml', name: 'x', provider: 'y', domains: ['z.test'] }
    expect(await refusal(world.as(who, (sql) => sql`insert into sso_connections ${sql(row)}`))).toBe('42501')
  }
  expect(await refusal(world.as('anonymous', (sql) => sql`select id from sso_connections`))).toBe('42501')
})

test('are managed by owners of the first workspace', async () => {
  const may = (who: Persona, workspace_id = world.workspace) =>
    world.as(who, (sql) => call(sql, 'may_manage_sso', { workspace_id }))
  expect(await may('owner')).toBe(true)
  for (const who of ['admin', 'member', 'guest', 'outsider'] as const) expect(await may(who)).toBe(false)
  expect(await may('outsider', world.elsewhere)).toBe(false)
  expect(await refusal(may('anonymous'))).toBe('42501')
})

test('have clean domains, each in one of them', async () => {
  expect((await add('saml', 'third', [' Second.TEST', '@third.co.test', 'second.test']))?.domains).toEqual([
    'second.test',
    'third.co.test',
  ])
  for (const domain of ['', 'localhost', 'a b.test', 'acme.test/x', '*.test', 'ada@third.test', '-a.test']) {
    expect(await refusal(add('saml', randomUUID(), [domain])), domain).toBe('domain_invalid')
  }
  expect(await refusal(add('saml', randomUUID(), ['new.test', 'ACME.test']))).toBe('domain_taken')
})

describe('how somebody signs in', () => {
  const ask = (email: string) => world.as('anonymous', (sql) => call(sql, 'sign_in_methods', { email }))

  test('is told by the domain, to visitors too', async () => {
    const acme = { kind: 'saml', provider: 'acme-id', name: 'Company' }
    expect(await ask('mia@acme.test')).toEqual({ password: true, sso: acme })
    expect(await ask(' Nobody.At-All@ACME.test ')).toEqual({ password: true, sso: acme })
    expect(await ask('x@agency.test')).toMatchObject({ sso: { kind: 'oidc', provider: 'custom:agency' } })
    for (const email of ['otto@other.test', 'a@sub.acme.test', 'acme.test', 'a@acme.test@evil.test', '']) {
      expect(await ask(email), email).toEqual({ password: true, sso: null })
    }
  })

  test('is not the password first where single sign-on is asked for', async () => {
    await world.database
      .admin`insert into workspace_security (workspace_id, require_sso) values (${world.workspace}, true)`
    expect(await ask('mia@acme.test')).toMatchObject({ password: false })
    expect(await ask('otto@other.test')).toMatchObject({ password: true })
    await world.database.admin`delete from workspace_security`
  })
})

describe('who comes through one for the first time', () => {
  test('becomes a member of its workspace, with its default channels', async () => {
    const person = await arrive('sso:acme-id', 'nora@acme.test')
    expect(await memberships(person)).toEqual([{ workspace_id: world.workspace, role: 'member' }])
    const channels = await world.database
      .admin`select channel_id from channel_members where user_id = ${person}`
    expect(channels.map(({ channel_id }) => channel_id).sort()).toEqual(
      [world.channel.general, world.channel.random].sort(),
    )
    const guest = await arrive('custom:agency', 'nora@agency.test', { email_verified: true })
    expect(await memberships(guest)).toEqual([{ workspace_id: world.workspace, role: 'guest' }])
  })

  test('does not when the provider speaks of another domain, or has not checked the address', async () => {
    expect(await memberships(await arrive('sso:acme-id', 'nora@other.test'))).toEqual([])
    expect(await memberships(await arrive('sso:another', 'nora@acme.test'))).toEqual([])
    expect(await memberships(await arrive('acme-id', 'nora@acme.test'))).toEqual([])
    expect(await memberships(await arrive('custom:agency', 'nora@agency.test'))).toEqual([])
    expect(
      await memberships(await arrive('custom:agency', 'nora@agency.test', { email_verified: false })),
    ).toEqual([])
    expect(await memberships(await arrive('email', 'nora@acme.test', { email_verified: true }))).toEqual([])
  })

  test('keeps the role of a member and the state of who was deactivated', async () => {
    const { admin } = world.database
    await admin`update workspace_members set deactivated_at = now() where user_id = ${world.id.peer}`
    for (const who of ['admin', 'peer'] as const) {
      await admin`insert into auth.identities (provider_id, user_id, identity_data, provider)
        values (${who}, ${world.id[who]}, '{"email":"x@acme.test"}', 'sso:acme-id')`
    }
    expect(await memberships(world.id.admin)).toMatchObject([{ role: 'admin' }])
    const [peer] = await admin`select deactivated_at from workspace_members where user_id = ${world.id.peer}`
    expect(peer?.deactivated_at).not.toBe(null)
    await admin`update workspace_members set deactivated_at = null where user_id = ${world.id.peer}`
    await admin`delete from auth.identities`
  })
})

describe('an address outside of its domains', () => {
  afterAll(() => world.database.admin`delete from auth.identities`)
  const identities = (person: string) =>
    world.database.admin`select identity_data from auth.identities where user_id = ${person}`
  const connect = (person: string, provider: string, email: string) =>
    world.database.admin`insert into auth.identities (provider_id, user_id, identity_data, provider)
      values (${randomUUID()}, ${person}, ${world.database.admin.json({ email, email_verified: true })}, ${provider})`

  test('is no way into an account that exists, and inside they are', async () => {
    const person = await world.signUp('Vera', 'vera@other.test')
    expect(await refusal(connect(person, 'custom:agency', 'vera@other.test'))).toBe('not_allowed')
    expect(await identities(person)).toEqual([])
    const own = await world.signUp('Walt', 'walt@agency.test')
    await connect(own, 'custom:agency', 'walt@agency.test')
    expect(await identities(own)).toMatchObject([{ identity_data: { email_verified: true } }])
    // Of providers without a connection nothing is known.
    await connect(person, 'custom:another', 'vera@other.test')
    expect(await identities(person)).toMatchObject([{ identity_data: { email_verified: true } }])
  })

  test('does not count as verified, from the start or later', async () => {
    const { admin } = world.database
    const person = await world.signUp('Xenia', 'xenia@agency.test')
    await connect(person, 'custom:agency', 'xenia@agency.test')
    const claim = (email: string) =>
      admin`update auth.identities set identity_data = ${admin.json({ email, email_verified: true })}
        where user_id = ${person}`
    await claim('vera@other.test')
    expect(await identities(person)).toMatchObject([{ identity_data: { email_verified: false } }])
    await claim('xenia@agency.test')
    expect(await identities(person)).toMatchObject([{ identity_data: { email_verified: true } }])
  })
})

describe('members with an account', () => {
  const link = (who: Persona, connection_id = saml) =>
    world.commit(who, (sql) => call(sql, 'link_sso_members', { connection_id }))

  test('are linked by an owner: those with a confirmed address in the domains', async () => {
    const { admin } = world.database
    await admin`update auth.users set email_confirmed_at = now() where id <> ${world.id.member}`
    await admin`update workspace_members set deactivated_at = now() where user_id = ${world.id.peer}`
    // In the domain, but no member.
    await world.signUp('Xaver', 'xaver@acme.test')
    expect(await link('owner')).toEqual({ linked: 2 })
    const rows = await admin`select user_id, provider_id, provider from auth.identities order by provider_id`
    expect(rows).toEqual([
      { user_id: world.id.admin, provider_id: 'adam@acme.test', provider: 'sso:acme-id' },
      { user_id: world.id.owner, provider_id: 'olga@acme.test', provider: 'sso:acme-id' },
    ])
    expect(await link('owner')).toEqual({ linked: 0 })
    await admin`update workspace_members set deactivated_at = null where user_id = ${world.id.peer}`
  })

  test('are linked by nobody else, and to SAML only', async () => {
    for (const who of ['admin', 'member', 'guest', 'outsider'] as const) {
      expect(await refusal(link(who))).toBe('connection_not_found')
    }
    const [oidc] = await world.database.admin`select id from sso_connections where kind = 'oidc'`
    expect(await refusal(link('owner', oidc?.id))).toBe('connection_not_found')
    expect(await refusal(link('owner', randomUUID()))).toBe('connection_not_found')
    expect(await refusal(link('anonymous'))).toBe('42501')
  })
})
