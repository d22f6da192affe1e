import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { become, call, newId, openWorld, type Persona, refusal, type World } from './personas'

type Person = Exclude<Persona, 'anonymous'>
let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.stop())

const seen = (who: Persona) =>
  world.as(who, async (sql) => {
    const rows = await sql`select user_id from workspace_members where workspace_id = ${world.workspace}`
    return Object.keys(world.id).filter((name) =>
      rows.some((row) => row.user_id === world.id[name as Person]),
    )
  })
const listed = (who: Persona, query = '') =>
  world.as(who, async (sql) => {
    const rows = await call(sql, 'list_members', { workspace_id: world.workspace, query })
    return rows.map((row: { handle: string }) => row.handle)
  })
const setRole = (who: Persona, whose: Person, role: string) =>
  world.as(who, (sql) =>
    call(sql, 'set_member_role', { workspace_id: world.workspace, user_id: world.id[whose], role }),
  )
const remove = (who: Persona, whose: Person) =>
  world.as(who, (sql) =>
    call(sql, 'remove_workspace_member', { workspace_id: world.workspace, user_id: world.id[whose] }),
  )
const leave = (who: Persona) =>
  world.as(who, (sql) => call(sql, 'leave_workspace', { workspace_id: world.workspace }))
const everybody = ['owner', 'admin', 'member', 'peer', 'guest']
const handles = ['adam.admin', 'gus.guest', 'mia.member', 'olga.owner', 'pete.peer']

describe('owner', () => {
  test('sees everybody, sets any role and removes anybody', async () => {
    expect(await seen('owner')).toEqual(everybody)
    expect(await listed('owner')).toEqual(handles)
    expect(await setRole('owner', 'admin', 'guest')).toMatchObject({ role: 'guest' })
    expect(await setRole('owner', 'guest', 'owner')).toMatchObject({ role: 'owner' })
    expect(await remove('owner', 'admin')).toMatchObject({ user_id: world.id.admin })
  })

  test('stays while the only one', async () => {
    expect(await refusal(leave('owner'))).toBe('last_owner')
    expect(await refusal(setRole('owner', 'owner', 'member'))).toBe('last_owner')
    expect(await refusal(remove('owner', 'owner'))).toBe('last_owner')
  })

  test('may go when there is another', async () => {
    await world.scene(async (speak) => {
      const role = { workspace_id: world.workspace, user_id: world.id.admin, role: 'owner' }
      await call(await speak('owner'), 'set_member_role', role)
      await call(await speak('owner'), 'leave_workspace', { workspace_id: world.workspace })
      const sql = await speak('admin')
      expect(await sql`select 1 from workspace_members where role = 'owner'`).toHaveLength(1)
    })
  })
})

describe('admin', () => {
  test('sees everybody, and manages members and guests', async () => {
    expect(await seen('admin')).toEqual(everybody)
    expect(await setRole('admin', 'member', 'guest')).toMatchObject({ role: 'guest' })
    expect(await setRole('admin', 'guest', 'member')).toMatchObject({ role: 'member' })
    expect(await remove('admin', 'member')).toMatchObject({ user_id: world.id.member })
  })

  test('does not touch owners and admins, and makes none', async () => {
    expect(await refusal(setRole('admin', 'owner', 'member'))).toBe('not_allowed')
    expect(await refusal(remove('admin', 'owner'))).toBe('not_allowed')
    expect(await refusal(setRole('admin', 'member', 'admin'))).toBe('not_allowed')
    expect(await refusal(setRole('admin', 'admin', 'owner'))).toBe('not_allowed')
  })
})

describe('member', () => {
  test('sees everybody and may leave', async () => {
    expect(await seen('member')).toEqual(everybody)
    expect(await listed('member', 'AD')).toEqual(['adam.admin'])
    expect(await listed('member', '%')).toEqual([])
    expect(await leave('member')).toMatchObject({ user_id: world.id.member })
  })

  test('manages nobody', async () => {
    expect(await refusal(setRole('member', 'guest', 'member'))).toBe('not_allowed')
    expect(await refusal(setRole('member', 'member', 'owner'))).toBe('not_allowed')
    expect(await refusal(remove('member', 'guest'))).toBe('not_allowed')
  })
})

describe('guest', () => {
  test('sees people of shared channels only', async () => {
    expect(await seen('guest')).toEqual(['member', 'guest'])
    expect(await listed('guest')).toEqual(['gus.guest', 'mia.member'])
    expect(await listed('guest', 'olga')).toEqual([])
  })

  test('manages nobody', async () => {
    expect(await refusal(setRole('guest', 'guest', 'member'))).toBe('not_allowed')
    expect(await refusal(remove('guest', 'member'))).toBe('not_allowed')
  })
})

describe('outsider', () => {
  test('sees nobody, and a workspace that is there looks like one that is not', async () => {
    expect(await seen('outsider')).toEqual([])
    expect(await refusal(listed('outsider'))).toBe('workspace_not_found')
    expect(await refusal(setRole('outsider', 'guest', 'member'))).toBe('workspace_not_found')
    expect(await refusal(remove('outsider', 'guest'))).toBe('workspace_not_found')
    expect(await refusal(leave('outsider'))).toBe('workspace_not_found')
    const missing = world.as('outsider', (sql) => call(sql, 'leave_workspace', { workspace_id: newId() }))
    expect(await refusal(missing)).toBe('workspace_not_found')
  })
})

describe('anonymous', () => {
  test('may not even ask', async () => {
    expect(await refusal(seen('anonymous'))).toBe('42501')
    expect(await refusal(listed('anonymous'))).toBe('42501')
    expect(await refusal(remove('anonymous', 'guest'))).toBe('42501')
  })
})

describe('everybody', () => {
  test.each(['owner', 'admin', 'member', 'guest', 'outsider'] as const)(
    '%s writes no row by hand',
    async (who) => {
      const me = world.id[who]
      const into = world.as(
        who,
        (sql) =>
          sql`insert into workspace_members (workspace_id, user_id, role) values (${world.workspace}, ${me}, 'owner')`,
      )
      expect(await refusal(into)).toBe('42501')
      expect(await refusal(world.as(who, (sql) => sql`update workspace_members set role = 'owner'`))).toBe(
        '42501',
      )
      expect(await refusal(world.as(who, (sql) => sql`delete from workspace_members`))).toBe('42501')
    },
  )
})

describe('who goes', () => {
  test('loses every channel, read state, draft and sight of people; what they wrote stays', async () => {
    await world.scene(async (speak) => {
      let sql = await speak('member')
      await sql`insert into drafts (channel_id, body) values (${world.channel.general}, 'Half a thought')`
      await call(sql, 'leave_workspace', { workspace_id: world.workspace })
      for (const table of [
        'workspaces',
        'channels',
        'messages',
        'channel_members',
        'read_states',
        'drafts',
        'channel_heads',
      ]) {
        expect(await sql`select * from ${sql(table)}`, table).toEqual([])
      }
      expect(await sql`select id from profiles`).toEqual([{ id: world.id.member }])
      expect(
        await refusal(
          sql.savepoint((inner) => call(inner, 'channel_page', { channel_id: world.channel.general })),
        ),
      ).toBe('channel_not_found')
      sql = await speak('peer')
      const page = await call(sql, 'channel_page', { channel_id: world.channel.direct })
      expect(page.messages).toHaveLength(1)
      expect(page.channel.member_ids).toEqual([world.id.peer])
    })
  })

  test('an account can be deleted even with messages, and as the only owner', async () => {
    const loner = await world.signUp('Lena Loner')
    await world.database.api.begin(async (sql) => {
      await become(sql, loner)
      const made = await call(sql, 'create_workspace', { name: 'Solo' })
      const [general] =
        await sql`select id from channels where workspace_id = ${made.id} and name = 'general'`
      await sql`insert into messages (id, channel_id, body) values (${newId()}, ${general?.id}, 'Hello?')`
    })
    await world.database.admin`delete from auth.users where id = ${loner}`
    const [left] = await world.database.admin`select user_id, body from messages where body = 'Hello?'`
    expect(left).toEqual({ user_id: null, body: 'Hello?' })
  })

  test('two owners cannot both step down at one moment', async () => {
    const { database, elsewhere, id } = world
    await database.admin`insert into workspace_members (workspace_id, user_id, role) values (${elsewhere}, ${id.peer}, 'owner')`
    const goes = (who: Persona) =>
      world
        .commit(who, (sql) => call(sql, 'leave_workspace', { workspace_id: elsewhere }))
        .then(
          () => 'left',
          (error) => error.detail,
        )
    expect((await Promise.all([goes('outsider'), goes('peer')])).sort()).toEqual(['last_owner', 'left'])
  })
})
