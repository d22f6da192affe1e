import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, newId, openWorld, type Persona, type Row, refusal, type World } from './personas'

type Place = keyof World['channel']
type Person = Exclude<Persona, 'anonymous'>
let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.stop())

const seen = (who: Persona, place: Place) =>
  world.as(who, async (sql) => {
    const rows = await sql`select user_id from channel_members where channel_id = ${world.channel[place]}`
    return Object.keys(world.id).filter((name) =>
      rows.some((row) => row.user_id === world.id[name as Person]),
    )
  })
const listed = (who: Persona, place: Place) =>
  world.as(who, async (sql) => {
    const rows = await call(sql, 'channel_member_list', { channel_id: world.channel[place] })
    return rows.map((row: Row) => row.handle)
  })
const join = (who: Persona, place: Place) =>
  world.as(who, (sql) => call(sql, 'join_channel', { channel_id: world.channel[place] }))
const leave = (who: Persona, place: Place) =>
  world.as(who, (sql) => call(sql, 'leave_channel', { channel_id: world.channel[place] }))
const add = (who: Persona, place: Place, person: Person) =>
  world.as(who, (sql) =>
    call(sql, 'add_channel_members', { channel_id: world.channel[place], user_ids: [world.id[person]] }),
  )
const remove = (who: Persona, place: Place, person: Person) =>
  world.as(who, (sql) =>
    call(sql, 'remove_channel_member', { channel_id: world.channel[place], user_id: world.id[person] }),
  )

describe('owner', () => {
  test('sees members of own channels, adds to and removes from public ones', async () => {
    expect(await seen('owner', 'general')).toEqual(['owner', 'admin', 'member', 'peer'])
    expect(await seen('owner', 'secret')).toEqual([])
    expect(await add('owner', 'lobby', 'guest')).toMatchObject({ member_count: 2 })
    expect(await remove('owner', 'general', 'peer')).toMatchObject({ user_id: world.id.peer })
  })

  test('has no way into a private channel or a conversation of others', async () => {
    expect(await refusal(join('owner', 'secret'))).toBe('channel_not_found')
    expect(await refusal(add('owner', 'secret', 'owner'))).toBe('channel_not_found')
    expect(await refusal(remove('owner', 'secret', 'guest'))).toBe('channel_not_found')
    expect(await refusal(listed('owner', 'direct'))).toBe('channel_not_found')
  })
})

describe('admin', () => {
  test('adds to public channels without having joined; private ones are closed', async () => {
    expect(await add('admin', 'lobby', 'peer')).toMatchObject({ member_count: 2, is_member: false })
    expect(await refusal(add('admin', 'secret', 'admin'))).toBe('channel_not_found')
    expect(await remove('admin', 'general', 'member')).toMatchObject({ user_id: world.id.member })
  })
})

describe('member', () => {
  test('joins and leaves public channels', async () => {
    expect(await join('member', 'lobby')).toMatchObject({
      is_member: true,
      member_count: 2,
      read: { last_read_seq: 1 },
    })
    expect(await join('member', 'general')).toMatchObject({ is_member: true, member_count: 4 })
    expect(await leave('member', 'general')).toMatchObject({ user_id: world.id.member })
    expect(await listed('member', 'lobby')).toEqual(['olga.owner'])
  })

  test('adds to own channels, also private ones; removes where they made it', async () => {
    expect(await add('member', 'secret', 'peer')).toMatchObject({ member_count: 3 })
    expect(await refusal(add('member', 'lobby', 'peer'))).toBe('not_allowed')
    expect(await refusal(add('member', 'secret', 'outsider'))).toBe('person_not_found')
    expect(await remove('member', 'secret', 'guest')).toMatchObject({ user_id: world.id.guest })
    expect(await refusal(remove('member', 'general', 'peer'))).toBe('not_allowed')
    expect(await refusal(remove('member', 'secret', 'peer'))).toBe('person_not_found')
  })

  test('cannot widen or leave a direct conversation', async () => {
    expect(await refusal(add('member', 'direct', 'admin'))).toBe('not_allowed')
    expect(await refusal(remove('member', 'direct', 'peer'))).toBe('not_allowed')
    expect(await refusal(leave('member', 'direct'))).toBe('not_allowed')
  })

  test('mutes and stars for themselves', async () => {
    const mute = (sql: Parameters<Parameters<World['as']>[1]>[0], person: Person) =>
      sql`update channel_members set muted_at = now() where channel_id = ${world.channel.general} and user_id = ${world.id[person]}`
    await world.as('member', async (sql) => {
      expect((await mute(sql, 'member')).count).toBe(1)
      expect((await mute(sql, 'peer')).count).toBe(0)
    })
    const move = world.as(
      'member',
      (sql) => sql`update channel_members set channel_id = ${world.channel.lobby}`,
    )
    expect(await refusal(move)).toBe('42501')
  })
})

describe('guest', () => {
  test('sees members of own channels, and may leave', async () => {
    expect(await seen('guest', 'secret')).toEqual(['member', 'guest'])
    expect(await listed('guest', 'secret')).toEqual(['gus.guest', 'mia.member'])
    expect(await seen('guest', 'general')).toEqual([])
    expect(await leave('guest', 'secret')).toMatchObject({ user_id: world.id.guest })
  })

  test('neither joins nor adds nor removes', async () => {
    expect(await refusal(join('guest', 'general'))).toBe('channel_not_found')
    expect(await refusal(listed('guest', 'general'))).toBe('channel_not_found')
    expect(await refusal(add('guest', 'secret', 'member'))).toBe('not_allowed')
    expect(await refusal(remove('guest', 'secret', 'member'))).toBe('not_allowed')
  })
})

describe('outsider', () => {
  test('sees nobody and gets nowhere, whether the channel is there or not', async () => {
    expect(await seen('outsider', 'general')).toEqual([])
    for (const place of ['general', 'secret', 'direct'] as const) {
      expect(await refusal(join('outsider', place))).toBe('channel_not_found')
      expect(await refusal(leave('outsider', place))).toBe('channel_not_found')
      expect(await refusal(listed('outsider', place))).toBe('channel_not_found')
      expect(await refusal(add('outsider', place, 'outsider'))).toBe('channel_not_found')
      expect(await refusal(remove('outsider', place, 'member'))).toBe('channel_not_found')
    }
    const missing = world.as('outsider', (sql) => call(sql, 'join_channel', { channel_id: newId() }))
    expect(await refusal(missing)).toBe('channel_not_found')
  })
})

describe('anonymous', () => {
  test('may not even ask', async () => {
    expect(await refusal(seen('anonymous', 'general'))).toBe('42501')
    expect(await refusal(join('anonymous', 'general'))).toBe('42501')
    expect(await refusal(listed('anonymous', 'general'))).toBe('42501')
  })
})

describe('everybody', () => {
  test.each(['owner', 'admin', 'peer', 'guest', 'outsider'] as const)(
    '%s writes no row by hand',
    async (who) => {
      const values = {
        channel_id: world.channel.secret,
        user_id: world.id[who],
        workspace_id: world.workspace,
      }
      const into = world.as(who, (sql) => sql`insert into channel_members ${sql(values)}`)
      expect(await refusal(into)).toBe('42501')
      expect(await refusal(world.as(who, (sql) => sql`delete from channel_members`))).toBe('42501')
    },
  )

  test('stays inside the workspace, whoever writes', async () => {
    const { admin } = world.database
    const strange = admin`insert into channel_members (channel_id, user_id, workspace_id)
      values (${world.channel.general}, ${world.id.outsider}, ${world.workspace})`
    expect(await refusal(strange)).toBe('23503')
    const mixed = admin`insert into channel_members (channel_id, user_id, workspace_id)
      values (${world.channel.general}, ${world.id.outsider}, ${world.elsewhere})`
    expect(await refusal(mixed)).toBe('23503')
  })
})

describe('who is removed', () => {
  test('reads nothing more with the next statement, and starts afresh when back', async () => {
    await world.scene(async (speak) => {
      let sql = await speak('member')
      await sql`insert into messages (id, channel_id, body) values (${newId()}, ${world.channel.secret}, 'Hi @gus.guest')`
      sql = await speak('guest')
      expect(await sql`select seq from messages order by seq`).toEqual([{ seq: '1' }, { seq: '2' }])
      sql = await speak('member')
      await call(sql, 'remove_channel_member', { channel_id: world.channel.secret, user_id: world.id.guest })
      sql = await speak('guest')
      for (const table of ['messages', 'channels', 'channel_heads', 'read_states']) {
        expect(await sql`select * from ${sql(table)}`, table).toEqual([])
      }
      sql = await speak('member')
      await call(sql, 'add_channel_members', { channel_id: world.channel.secret, user_ids: [world.id.guest] })
      sql = await speak('guest')
      const { channels } = await call(sql, 'bootstrap')
      expect(channels).toMatchObject([{ read: { last_read_seq: 2 }, mention_count: 0 }])
    })
  })
})
