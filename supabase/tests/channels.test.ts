import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, newId, openWorld, type Persona, type Row, refusal, type World } from './personas'

type Place = keyof World['channel']
let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.stop())

const seen = (who: Persona) =>
  world.as(who, async (sql) => {
    const rows = await sql`select id from channels`
    return Object.keys(world.channel).filter((name) =>
      rows.some((row) => row.id === world.channel[name as Place]),
    )
  })
const browsed = (who: Persona, args: Row = {}) =>
  world.as(who, async (sql) => {
    const rows = await call(sql, 'browse_channels', { workspace_id: world.workspace, ...args })
    return rows.map((row: Row) => row.name)
  })
const change = (who: Persona, place: Place, values: Row) =>
  world.as(
    who,
    (sql) => sql`update channels set ${sql(values)} where id = ${world.channel[place]} returning name, topic`,
  )
const create = (who: Persona, args: Row) =>
  world.as(who, (sql) =>
    call(sql, 'create_channel', { workspace_id: world.workspace, kind: 'public', ...args }),
  )
const archive = (who: Persona, place: Place) =>
  world.as(who, (sql) => call(sql, 'archive_channel', { channel_id: world.channel[place] }))
const direct = (who: Persona, people: Exclude<Persona, 'anonymous'>[], workspace = world.workspace) =>
  world.as(who, (sql) =>
    call(sql, 'open_direct', { workspace_id: workspace, user_ids: people.map((name) => world.id[name]) }),
  )

describe('owner', () => {
  test('sees public channels, not private ones and conversations of others', async () => {
    expect(await seen('owner')).toEqual(['general', 'random', 'lobby'])
    expect(await browsed('owner')).toEqual(['general', 'lobby', 'random'])
  })

  test('renames, describes and archives what they can read', async () => {
    expect(await change('owner', 'random', { name: 'Off Topic', topic: ' Fun ' })).toEqual([
      { name: 'off-topic', topic: 'Fun' },
    ])
    expect((await archive('owner', 'random')).archived_at).not.toBeNull()
    expect(await change('owner', 'secret', { topic: 'Mine' })).toEqual([])
    expect(await refusal(archive('owner', 'secret'))).toBe('channel_not_found')
  })
})

describe('admin', () => {
  test('sees no private channel either', async () => {
    expect(await seen('admin')).toEqual(['general', 'random', 'lobby'])
  })

  test('changes public channels even without having joined', async () => {
    expect(await change('admin', 'lobby', { name: 'hall' })).toEqual([{ name: 'hall', topic: '' }])
    expect((await archive('admin', 'lobby')).archived_at).not.toBeNull()
    expect(await change('admin', 'secret', { name: 'hall' })).toEqual([])
    expect(await change('admin', 'direct', { topic: 'hall' })).toEqual([])
  })
})

describe('member', () => {
  test('sees public and own channels', async () => {
    expect(await seen('member')).toEqual(['general', 'random', 'lobby', 'secret', 'direct'])
    expect(await browsed('member', { query: '#LOB' })).toEqual(['lobby'])
    expect(await browsed('member', { after_name: 'general', page_size: 1 })).toEqual(['lobby'])
    expect(await browsed('member', { query: 'small TALK' })).toEqual(['random'])
  })

  test('describes what they are in, renames and archives what they made', async () => {
    expect(await change('member', 'general', { topic: 'News' })).toMatchObject([{ topic: 'News' }])
    expect(await change('member', 'lobby', { topic: 'News' })).toEqual([])
    expect(await change('member', 'secret', { name: 'closer' })).toMatchObject([{ name: 'closer' }])
    expect(await refusal(change('member', 'general', { name: 'mine' }))).toBe('not_allowed')
    expect((await archive('member', 'secret')).archived_at).not.toBeNull()
    expect(await refusal(archive('member', 'general'))).toBe('not_allowed')
    expect(await refusal(archive('member', 'direct'))).toBe('not_allowed')
  })

  test('creates channels with people', async () => {
    const made = await create('member', {
      kind: 'private',
      name: 'Projekt Süd',
      member_ids: [world.id.peer, world.id.guest, world.id.peer],
    })
    expect(made).toMatchObject({
      name: 'projekt-süd',
      kind: 'private',
      is_member: true,
      member_count: 3,
      member_ids: [],
      head: { last_seq: 0, last_rev: 0, min_rev: 0, last_message_at: null },
      read: { last_read_seq: 0, unread_from_seq: null },
      mention_count: 0,
    })
    expect(await refusal(create('member', { name: 'x1', member_ids: [world.id.outsider] }))).toBe(
      'person_not_found',
    )
  })

  test('moves no channel and opens no private one by hand', async () => {
    for (const values of [
      { workspace_id: world.elsewhere },
      { kind: 'public' },
      { archived_at: null },
      { created_by: null },
    ]) {
      expect(await refusal(change('member', 'secret', values))).toBe('42501')
    }
  })
})

describe('guest', () => {
  test('sees own channels only, and cannot browse, create or change', async () => {
    expect(await seen('guest')).toEqual(['secret'])
    expect(await refusal(browsed('guest'))).toBe('not_allowed')
    expect(await refusal(create('guest', { name: 'mine' }))).toBe('not_allowed')
    expect(await change('guest', 'secret', { topic: 'Mine' })).toEqual([])
    expect(await refusal(archive('guest', 'secret'))).toBe('not_allowed')
    expect(await refusal(archive('guest', 'general'))).toBe('channel_not_found')
  })

  test('talks to people of shared channels', async () => {
    expect((await direct('guest', ['member'])).member_ids).toHaveLength(2)
    expect(await refusal(direct('guest', ['owner']))).toBe('person_not_found')
    expect(await refusal(direct('guest', ['member', 'peer']))).toBe('person_not_found')
  })
})

describe('outsider', () => {
  test('sees and does nothing here', async () => {
    expect(await seen('outsider')).toEqual(['elsewhere'])
    expect(await refusal(browsed('outsider'))).toBe('workspace_not_found')
    expect(await refusal(create('outsider', { name: 'mine' }))).toBe('workspace_not_found')
    expect(await change('outsider', 'general', { topic: 'Mine' })).toEqual([])
    expect(await refusal(archive('outsider', 'general'))).toBe('channel_not_found')
    expect(await refusal(direct('outsider', ['member']))).toBe('workspace_not_found')
    expect(await refusal(direct('outsider', ['member'], world.elsewhere))).toBe('person_not_found')
  })
})

describe('anonymous', () => {
  test('may not even ask', async () => {
    expect(await refusal(seen('anonymous'))).toBe('42501')
    expect(await refusal(browsed('anonymous'))).toBe('42501')
    expect(await refusal(create('anonymous', { name: 'mine' }))).toBe('42501')
    expect(await refusal(direct('anonymous', ['member']))).toBe('42501')
  })
})

describe('names', () => {
  test.each([
    ['name_blank', ' \u200b '],
    ['name_blank', '#'],
    ['name_too_long', 'x'.repeat(81)],
    ['channel_name_reserved', 'Everyone'],
    ['channel_name_invalid', 'a/b'],
    ['channel_name_invalid', 'a@b'],
    ['channel_name_invalid', '---'],
    ['channel_name_invalid', '<script>'],
    ['channel_name_taken', 'GENERAL'],
    ['channel_name_taken', 'secret'],
  ])('are refused: %s %s', async (code, name) => {
    expect(await refusal(create('owner', { name }))).toBe(code)
    if (name !== 'secret') expect(await refusal(change('owner', 'random', { name }))).toBe(code)
  })

  test.each([
    ['#Team  Berlin', 'team-berlin'],
    ['日本語', '日本語'],
    ['q3.plan_v2', 'q3.plan_v2'],
    ['Cafe\u0301', 'café'],
    ['🚀-launch', '🚀-launch'],
  ])('are cleaned: %s', async (name, stored) => {
    expect((await create('owner', { name })).name).toBe(stored)
  })

  test('taken at one moment are given once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        world
          .commit('outsider', (sql) =>
            call(sql, 'create_channel', { workspace_id: world.elsewhere, kind: 'public', name: 'rush' }),
          )
          .then(
            () => 'made',
            (error) => error.detail,
          ),
      ),
    )
    expect(answers.filter((answer) => answer === 'made')).toHaveLength(1)
    expect(new Set(answers)).toEqual(new Set(['made', 'channel_name_taken']))
  })
})

describe('direct conversations', () => {
  test('of the same people are the same one, whoever opens it', async () => {
    expect((await direct('peer', ['member'])).id).toBe(world.channel.direct)
    expect((await direct('member', ['peer', 'member', 'peer'])).id).toBe(world.channel.direct)
    const three = await direct('member', ['peer', 'admin'])
    expect(three.id).not.toBe(world.channel.direct)
    expect(three.member_ids).toHaveLength(3)
    expect((await direct('member', [])).member_ids).toEqual([world.id.member])
  })

  test('opened by everybody at one moment are one', async () => {
    const people: Persona[] = ['owner', 'admin', 'member', 'peer']
    const opened = await Promise.all(
      [...people, ...people, ...people].map((who) =>
        world.commit(who, (sql) =>
          call(sql, 'open_direct', {
            workspace_id: world.workspace,
            user_ids: people.map((name) => world.id[name as 'owner']),
          }),
        ),
      ),
    )
    expect(new Set(opened.map((channel) => channel.id)).size).toBe(1)
    expect(opened[0]?.member_count).toBe(4)
  })

  test('have 20 people at most', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, (_, n) => world.signUp(`Extra ${n}`)))
    await world.database.admin`insert into workspace_members (workspace_id, user_id)
      select ${world.elsewhere}, unnest(${ids}::uuid[])`
    const open = (user_ids: string[]) =>
      world.as('outsider', (sql) => call(sql, 'open_direct', { workspace_id: world.elsewhere, user_ids }))
    expect((await open(ids.slice(0, 19))).member_count).toBe(20)
    expect(await refusal(open(ids))).toBe('too_many_people')
    expect(await refusal(open([newId()]))).toBe('person_not_found')
  })
})

describe('archived channels', () => {
  test('are read, not written, not changed, not browsed, and come back', async () => {
    await world.scene(async (speak) => {
      const sql = await speak('owner')
      const channel_id = world.channel.random
      const write = () =>
        sql.savepoint(
          (inner) =>
            inner`insert into messages (id, channel_id, body) values (${newId()}, ${channel_id}, 'Hi')`,
        )
      await write()
      await call(sql, 'archive_channel', { channel_id })
      expect(await refusal(write())).toBe('channel_archived')
      expect(
        await refusal(
          sql.savepoint((inner) => inner`update channels set topic = 'x' where id = ${channel_id}`),
        ),
      ).toBe('channel_archived')
      expect(await call(sql, 'channel_page', { channel_id })).toMatchObject({ messages: [{ body: 'Hi' }] })
      const names = (await call(sql, 'browse_channels', { workspace_id: world.workspace })).map(
        (row: Row) => row.name,
      )
      expect(names).not.toContain('random')
      expect((await call(sql, 'unarchive_channel', { channel_id })).archived_at).toBeNull()
      await write()
    })
  })
})
