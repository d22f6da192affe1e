import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  call,
  openWorld,
  PERSONAS,
  type Persona,
  type Proof,
  type Row,
  refusal,
  type World,
} from './personas'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await addFactor(world.id.owner)
  await world.database.admin`insert into sso_connections (workspace_id, kind, name, provider, domains)
    values (${world.workspace}, 'saml', 'Acme', 'acme', '{acme.test}'),
      (${world.workspace}, 'oidc', 'Agency', 'custom:agency', '{agency.test}')`
})
beforeEach(() => world.database.admin`delete from workspace_security`)
afterAll(() => world.stop())

const addFactor = (person: string) =>
  world.database.admin`insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
    values (${randomUUID()}, ${person}, 'totp', 'verified', now(), now())`
const set = (token: Row, rules: Row, commit?: 'commit') =>
  world.withToken(
    token,
    (sql) => call(sql, 'set_workspace_security', { workspace_id: world.workspace, ...rules }),
    commit,
  )
const requirements = (token: Row) => world.withToken(token, (sql) => call(sql, 'session_requirements'))
const strongOwner = () => world.signIn(world.id.owner, { aal: 'aal2', method: 'sso/saml' })
const stands = async ({ session_id }: Row) =>
  (await world.database.admin`select from auth.sessions where id = ${session_id}`).length === 1

test('is seen by members and set by owners only', async () => {
  await set(await strongOwner(), { require_two_factor: true }, 'commit')
  await world.database.admin`update workspace_security set require_two_factor = false`
  const seen: Partial<Record<Persona, number>> = {}
  for (const who of PERSONAS) {
    if (who === 'anonymous' || who === 'owner') continue
    seen[who] = (await world.as(who, (sql) => sql`select * from workspace_security`)).length
    expect(
      await refusal(
        world.as(who, (sql) => call(sql, 'set_workspace_security', { workspace_id: world.workspace })),
      ),
      who,
    ).toBe(who === 'outsider' ? 'workspace_not_found' : 'not_allowed')
    expect(await refusal(world.as(who, (sql) => sql`update workspace_security set require_sso = true`))).toBe(
      '42501',
    )
  }
  expect(seen).toEqual({ admin: 1, member: 1, peer: 1, guest: 1, outsider: 0 })
  expect(await refusal(world.as('anonymous', (sql) => sql`select * from workspace_security`))).toBe('42501')
})

describe('two-factor authentication', () => {
  test('is asked for only by an owner who has it', async () => {
    const weak = world.signIn(world.id.outsider)
    const ask = { workspace_id: world.elsewhere, require_two_factor: true }
    const attempt = async (token: Row) =>
      world.withToken(token, (sql) => call(sql, 'set_workspace_security', ask))
    expect(await refusal(attempt(await weak))).toBe('second_factor_needed')
    // A strong token without a factor is one whose factor was taken away.
    const strong = await world.signIn(world.id.outsider, { aal: 'aal2' })
    expect(await refusal(attempt(strong))).toBe('second_factor_needed')
    await addFactor(world.id.outsider)
    expect(await attempt(strong)).toMatchObject({ require_two_factor: true, require_sso: false })
  })

  test('signs out who does not have it, and lets nobody in without', async () => {
    const owner = await strongOwner()
    const [weak, strong, elsewhere] = [
      await world.signIn(world.id.member),
      await world.signIn(world.id.member, { aal: 'aal2' }),
      await world.signIn(world.id.outsider, { aal: 'aal2' }),
    ]
    await set(owner, { require_two_factor: true }, 'commit')
    expect(await Promise.all([owner, weak, strong, elsewhere].map(stands))).toEqual([true, false, true, true])

    const again = await world.signIn(world.id.member)
    expect(await requirements(again)).toEqual({
      ...{ ok: false, ended: false, second_factor: 'enroll', sso: false, deactivated: false },
      workspaces: [{ name: 'Acme', slug: 'acme' }],
    })
    expect(await world.withToken(again, (sql) => sql`select id from messages`)).toEqual([])
    expect(await world.withToken(strong, (sql) => sql`select id from messages`)).not.toEqual([])
    expect(await requirements(strong)).toMatchObject({ ok: true, second_factor: 'none' })
    // Changing another rule, or the same one again, signs nobody out.
    await set(owner, { require_two_factor: true }, 'commit')
    expect(await stands(again)).toBe(true)
    await set(owner, { require_two_factor: false }, 'commit')
    expect(await requirements(again)).toMatchObject({ ok: true })
  })

  test('is asked of newcomers too', async () => {
    await set(await strongOwner(), { require_two_factor: true }, 'commit')
    const { code } = await world.withToken(
      await strongOwner(),
      (sql) => call(sql, 'create_invitation', { workspace_id: world.workspace }),
      'commit',
    )
    const token = await world.signIn(await world.signUp('Nina Newcomer'))
    expect(await requirements(token)).toMatchObject({ ok: true })
    await world.withToken(token, (sql) => call(sql, 'accept_invitation', { code }), 'commit')
    expect(await requirements(token)).toMatchObject({ ok: false, second_factor: 'enroll' })
    expect(await world.withToken(token, (sql) => sql`select id from channels`)).toEqual([])
  })
})

describe('single sign-on', () => {
  /** A sign-in at an identity provider, of which Auth makes a note. */
  const comeFrom = async (provider: string, person: string, proof: Proof) => {
    const token = await world.signIn(person, proof)
    await world.database
      .admin`insert into auth.identities (provider_id, user_id, identity_data, provider, last_sign_in_at)
      values (${person}, ${person}, '{}', ${provider}, now())
      on conflict (provider_id, provider) do update set last_sign_in_at = now()`
    return token
  }
  const saml = { method: 'sso/saml' }
  beforeEach(async () => {
    await comeFrom('sso:acme', world.id.owner, saml)
  })

  test('is asked for only by an owner who came through it', async () => {
    const password = await world.signIn(world.id.owner, { aal: 'aal2' })
    expect(await refusal(set(password, { require_sso: true }))).toBe('sso_needed')
    const another = await world.signIn(world.id.owner, { aal: 'aal2', ...saml, provider: 'other' })
    expect(await refusal(set(another, { require_sso: true }))).toBe('sso_needed')
    expect(await set(await strongOwner(), { require_sso: true })).toMatchObject({ require_sso: true })
  })

  test('is asked of members in its domains, not of owners and others', async () => {
    await world.database
      .admin`update auth.users set email = 'pete@elsewhere.test' where id = ${world.id.peer}`
    const [password, member, other] = [
      await world.signIn(world.id.member),
      await comeFrom('sso:acme', world.id.member, { ...saml, provider: 'acme' }),
      await world.signIn(world.id.peer),
    ]
    await set(await strongOwner(), { require_sso: true }, 'commit')
    expect(await Promise.all([password, member, other].map(stands))).toEqual([false, true, true])

    expect(await requirements(await world.signIn(world.id.member))).toMatchObject({
      ...{ ok: false, sso: true, second_factor: 'none', workspaces: [{ slug: 'acme' }] },
    })
    expect(await requirements(member)).toMatchObject({ ok: true, sso: false })
    expect(await requirements(await world.signIn(world.id.owner, { aal: 'aal2' }))).toMatchObject({
      ok: true,
    })
    expect(await requirements(other)).toMatchObject({ ok: true })
  })

  test('counts at the connection’s own provider only, and only then', async () => {
    await set(await strongOwner(), { require_sso: true }, 'commit')
    const { guest } = world.id
    // Every provider signs in as "oauth".
    expect(await requirements(await comeFrom('google', guest, { method: 'oauth' }))).toMatchObject({
      ok: false,
      sso: true,
    })
    expect(await requirements(await comeFrom('custom:agency', guest, { method: 'oauth' }))).toMatchObject({
      ok: true,
    })
    // Having been there once is not enough for a later sign-in elsewhere.
    await world.database
      .admin`update auth.identities set last_sign_in_at = now() - interval '1 day' where user_id = ${guest}`
    expect(await requirements(await comeFrom('google', guest, { method: 'oauth' }))).toMatchObject({
      ok: false,
      sso: true,
    })
    expect(await requirements({ sub: guest, amr: [{ method: 'oauth' }] })).toMatchObject({
      ok: false,
      sso: true,
    })
  })

  test('goes on being asked of who takes another address', async () => {
    const { admin } = world.database
    await set(await strongOwner(), { require_sso: true }, 'commit')
    const token = await world.signIn(world.id.member)
    expect(await requirements(token)).toMatchObject({ ok: false, sso: true })
    await admin`update auth.users set email = 'mia@private.test' where id = ${world.id.member}`
    expect(await requirements(token)).toMatchObject({ ok: false, sso: true })
    expect(await requirements(await comeFrom('sso:acme', world.id.member, saml))).toMatchObject({ ok: true })
    // Who changed it while nobody asked is free.
    await admin`delete from workspace_security`
    await admin`update auth.users set email = 'adam@private.test' where id = ${world.id.admin}`
    await set(await strongOwner(), { require_sso: true }, 'commit')
    expect(await requirements(await world.signIn(world.id.admin))).toMatchObject({ ok: true })
  })
})

test('a change of it, of a factor or of a connection makes realtime ask again about each person concerned', async () => {
  const { admin } = world.database
  const noted = async () =>
    new Set((await admin`select user_id from private.account_changes`).map(({ user_id }) => user_id))
  const after = async (work: () => Promise<unknown>) => {
    await admin`delete from private.account_changes`
    await work()
    return await noted()
  }
  const members = (['owner', 'admin', 'member', 'peer', 'guest'] as const).map((who) => world.id[who])
  const owner = await strongOwner()
  const ruled = await after(() => set(owner, { require_two_factor: true }, 'commit'))
  for (const person of members) expect(ruled).toContain(person)
  expect(await after(() => addFactor(world.id.guest))).toEqual(new Set([world.id.guest]))
  expect(
    await after(
      () => admin`update auth.mfa_factors set last_challenged_at = now() where user_id = ${world.id.guest}`,
    ),
  ).toEqual(new Set())
  expect(await after(() => admin`delete from auth.mfa_factors where user_id = ${world.id.guest}`)).toEqual(
    new Set([world.id.guest]),
  )
  expect(
    await after(() => admin`update sso_connections set domains = '{other.test}' where name = 'Agency'`),
  ).toEqual(new Set([world.id.guest, world.id.outsider]))
})
