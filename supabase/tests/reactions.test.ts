import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, newId, openWorld, type Persona, type Row, refusal, type World } from './personas'

type Place = keyof World['message']
let world: World
beforeAll(async () => {
  world = await openWorld()
  for (const place of ['general', 'secret', 'direct'] as const) {
    await world.commit('member', (sql) => react(sql, place, '👀'))
  }
})
afterAll(() => world.stop())

type Sql = Parameters<Parameters<World['as']>[1]>[0]
const react = (sql: Sql, place: Place, emoji = '👍', values: Row = {}) =>
  sql`insert into reactions ${sql({ message_id: world.message[place], emoji, ...values })} returning *`
const reacts = (who: Persona, place: Place, emoji?: string, values?: Row) =>
  world.as(who, (sql) => react(sql, place, emoji, values))
const seen = (who: Persona) =>
  world.as(who, async (sql) => {
    const rows = await sql`select message_id from reactions`
    return Object.keys(world.message).filter((name) =>
      rows.some((row) => row.message_id === world.message[name as Place]),
    )
  })

describe.each(['owner', 'admin'] as const)('%s', (who) => {
  test('sees and reacts in own channels only', async () => {
    expect(await seen(who)).toEqual(['general'])
    expect(await reacts(who, 'general')).toMatchObject([
      { user_id: world.id[who], channel_id: world.channel.general },
    ])
    expect(await refusal(reacts(who, 'secret'))).toBe('message_not_found')
  })
})

describe('member', () => {
  test('sees and reacts in own channels; one not joined is closed', async () => {
    expect(await seen('member')).toEqual(['general', 'secret', 'direct'])
    expect(await reacts('member', 'direct')).toHaveLength(1)
    expect(await refusal(reacts('member', 'lobby'))).toBe('message_not_found')
  })

  test('reacts in the own name and takes back the own only', async () => {
    expect(await refusal(reacts('member', 'general', '👍', { user_id: world.id.owner }))).toBe('42501')
    await world.scene(async (speak) => {
      let sql = await speak('owner')
      await react(sql, 'general', '👀')
      sql = await speak('member')
      expect((await sql`delete from reactions where message_id = ${world.message.general}`).count).toBe(1)
      expect(await sql`select user_id from reactions where message_id = ${world.message.general}`).toEqual([
        { user_id: world.id.owner },
      ])
    })
    expect(await refusal(world.as('member', (sql) => sql`update reactions set emoji = 'x'`))).toBe('42501')
  })

  test('does not smuggle one into another channel', async () => {
    const [row] = await reacts('member', 'secret', '👍', { channel_id: world.channel.general })
    expect(row?.channel_id).toBe(world.channel.secret)
  })
})

describe('guest', () => {
  test('sees and reacts in own channels only', async () => {
    expect(await seen('guest')).toEqual(['secret'])
    expect(await reacts('guest', 'secret')).toHaveLength(1)
    expect(await refusal(reacts('guest', 'general'))).toBe('message_not_found')
  })
})

describe('outsider', () => {
  test('sees none and reacts to nothing here', async () => {
    expect(await seen('outsider')).toEqual([])
    expect(await refusal(reacts('outsider', 'general'))).toBe('message_not_found')
    expect((await world.as('outsider', (sql) => sql`delete from reactions`)).count).toBe(0)
  })
})

describe('anonymous', () => {
  test('may not even ask', async () => {
    expect(await refusal(seen('anonymous'))).toBe('42501')
    expect(await refusal(reacts('anonymous', 'general'))).toBe('42501')
  })
})

describe('the message', () => {
  test('carries the summary, each change with the next rev', async () => {
    await world.scene(async (speak) => {
      let sql = await speak('owner')
      const id = world.message.general
      const state = async () => (await sql`select reactions, rev::int from messages where id = ${id}`)[0]
      const { rev } = (await state()) as Row
      await react(sql, 'general', '👀')
      await react(sql, 'general', '🎉')
      expect(await state()).toEqual({
        reactions: { '👀': [world.id.member, world.id.owner], '🎉': [world.id.owner] },
        rev: rev + 2,
      })
      await sql`insert into reactions (message_id, emoji) values (${id}, '🎉') on conflict do nothing`
      expect(await state()).toMatchObject({ rev: rev + 2 })
      await sql`delete from reactions where message_id = ${id} and emoji = '🎉'`
      sql = await speak('member')
      await sql`delete from reactions where message_id = ${id}`
      expect(await state()).toEqual({ reactions: { '👀': [world.id.owner] }, rev: rev + 4 })
    })
  })

  test('loses them when it is deleted, and takes no more', async () => {
    await world.scene(async (speak) => {
      const sql = await speak('member')
      const before = await sql`select rev::int from messages where id = ${world.message.secret}`
      const gone = await call(sql, 'delete_message', { message_id: world.message.secret })
      expect(gone).toMatchObject({ reactions: {}, rev: (before[0] as Row).rev + 1 })
      expect(await sql`select 1 from reactions where message_id = ${world.message.secret}`).toEqual([])
      expect(await refusal(sql.savepoint((inner) => react(inner, 'secret')))).toBe('message_not_found')
    })
  })

  test.each([
    ['emoji_invalid', '  '],
    ['emoji_invalid', '\u200d'],
    ['emoji_invalid', 'a b'],
    ['emoji_invalid', 'x'.repeat(65)],
    ['emoji_invalid', '__proto__'],
    ['emoji_invalid', 'you_are_all_fired'],
    ['emoji_invalid', '7'],
    ['emoji_invalid', '<b>'],
    ['emoji_invalid', '::'],
    ['emoji_invalid', '\u2800'],
    ['emoji_invalid', '你好'],
    ['emoji_invalid', '👍\u202e'],
    ['emoji_invalid', '👍\u200b'],
  ])('refuses what is no emoji: %s', async (code, emoji) => {
    expect(await refusal(reacts('member', 'general', emoji))).toBe(code)
  })

  test.each([
    '👍',
    '👍🏽',
    '❤️',
    '1️⃣',
    '#️⃣',
    '🇦🇹',
    '👩‍👩‍👧‍👦',
    '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}',
    '©️',
    '™',
    ':party_parrot:',
    ':+1:',
  ])('takes %s', async (emoji) => {
    expect(await reacts('member', 'general', emoji)).toHaveLength(1)
  })

  test('takes 50 different ones', async () => {
    await world.scene(async (speak) => {
      const sql = await speak('member')
      const rows = Array.from({ length: 49 }, (_, n) => ({
        message_id: world.message.general,
        emoji: `:e${n}:`,
      }))
      await sql`insert into reactions ${sql(rows)}`
      expect(await refusal(sql.savepoint((inner) => react(inner, 'general', ':more:')))).toBe(
        'too_many_reactions',
      )
      await speak('owner')
      expect(await react(sql, 'general', ':e7:')).toHaveLength(1)
    })
  })

  test('of an archived channel keeps what it has', async () => {
    await world.scene(async (speak) => {
      const sql = await speak('owner')
      const id = newId()
      await sql`insert into messages (id, channel_id, body) values (${id}, ${world.channel.random}, 'Old')`
      await sql`insert into reactions (message_id, emoji) values (${id}, '👍')`
      await call(sql, 'archive_channel', { channel_id: world.channel.random })
      const more = sql.savepoint(
        (inner) => inner`insert into reactions (message_id, emoji) values (${id}, '🎉')`,
      )
      expect(await refusal(more)).toBe('channel_archived')
      const less = sql.savepoint((inner) => inner`delete from reactions where message_id = ${id}`)
      expect(await refusal(less)).toBe('channel_archived')
    })
  })
})
