import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, openWorld, type Persona, type Row, refusal, type World } from './personas'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.stop())

const seen = (who: Persona) => world.as(who, (sql) => sql`select slug from workspaces`)
const rename = (who: Persona, values: Row = { name: 'Acme Inc.' }) =>
  world.as(
    who,
    (sql) => sql`update workspaces set ${sql(values)} where id = ${world.workspace} returning name, slug`,
  )
const create = (who: Persona, args: Row) => world.as(who, (sql) => call(sql, 'create_workspace', args))

describe.each(['owner', 'admin'] as const)('%s', (who) => {
  test('sees the workspace and changes name, address and icon', async () => {
    expect(await seen(who)).toEqual([{ slug: 'acme' }])
    expect(await rename(who, { name: 'Acme Inc.', slug: 'acme-inc', icon: '🌬' })).toEqual([
      { name: 'Acme Inc.', slug: 'acme-inc' },
    ])
  })

  test('cannot make, delete or re-own one by hand', async () => {
    expect(await refusal(world.as(who, (sql) => sql`delete from workspaces`))).toBe('42501')
    expect(await refusal(rename(who, { created_by: world.id.guest }))).toBe('42501')
    const insert = world.as(who, (sql) => sql`insert into workspaces (slug, name) values ('mine', 'Mine')`)
    expect(await refusal(insert)).toBe('42501')
  })
})

describe.each(['member', 'guest'] as const)('%s', (who) => {
  test('sees the workspace and changes nothing', async () => {
    expect(await seen(who)).toEqual([{ slug: 'acme' }])
    expect(await rename(who)).toEqual([])
  })
})

describe('outsider', () => {
  test('sees the own workspace only', async () => {
    expect(await seen('outsider')).toEqual([{ slug: 'elsewhere' }])
    expect(await rename('outsider')).toEqual([])
  })

  test('may create a workspace: owner, with two channels, joined', async () => {
    await world.as('outsider', async (sql) => {
      const made = await call(sql, 'create_workspace', { name: 'Zweite  Firma Ü' })
      expect(made).toMatchObject({
        name: 'Zweite Firma Ü',
        slug: 'zweite-firma-u',
        created_by: world.id.outsider,
      })
      expect(await sql`select role from workspace_members where workspace_id = ${made.id}`).toEqual([
        { role: 'owner' },
      ])
      const channels = await sql`select c.name from channels c
        join channel_members m on m.channel_id = c.id where c.workspace_id = ${made.id} order by 1`
      expect(channels).toEqual([{ name: 'general' }, { name: 'random' }])
    })
  })
})

describe('anonymous', () => {
  test('may neither see nor create', async () => {
    expect(await refusal(seen('anonymous'))).toBe('42501')
    expect(await refusal(create('anonymous', { name: 'Mine' }))).toBe('42501')
  })
})

describe('names and addresses', () => {
  test.each([
    ['name_blank', { name: ' \u200b\u00ad ' }],
    ['name_too_long', { name: 'x'.repeat(81) }],
    ['workspace_slug_taken', { name: 'A', slug: 'ACME' }],
    ['workspace_slug_reserved', { name: 'A', slug: 'api' }],
    ['workspace_slug_reserved', { name: 'A', slug: 'Sign-In' }],
    ['workspace_slug_invalid', { name: 'A', slug: 'a' }],
    ['workspace_slug_invalid', { name: 'A', slug: 'a--b' }],
    ['workspace_slug_invalid', { name: 'A', slug: 'аcme' }],
    ['workspace_slug_invalid', { name: 'A', slug: '' }],
    ['workspace_slug_invalid', { name: 'A', slug: 'x'.repeat(49) }],
  ])('are refused: %s', async (code, args) => {
    expect(await refusal(create('member', args))).toBe(code)
  })

  test('an address is derived and made free when none is given', async () => {
    expect((await create('member', { name: 'Acme' })).slug).toBe('acme-2')
    expect((await create('member', { name: 'API' })).slug).toBe('api-2')
    expect((await create('member', { name: '王' })).slug).toBe('workspace')
    expect((await create('member', { name: 'X' })).slug).toBe('x-team')
  })

  test('the same name ten times at one moment gives ten addresses', async () => {
    const made = await Promise.all(
      Array.from({ length: 10 }, () =>
        world.commit('outsider', (sql) => call(sql, 'create_workspace', { name: 'Rush' })),
      ),
    )
    expect(new Set(made.map((row) => row.slug)).size).toBe(10)
  })
})
