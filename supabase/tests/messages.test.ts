import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, newId, openWorld, type Persona, type Row, refusal, type World } from './personas'

type Place = keyof World['message']
let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.stop())

const seen = (who: Persona) =>
  world.as(who, async (sql) => {
    const rows = await sql`select id from messages`
    return Object.keys(world.message).filter((name) =>
      rows.some((row) => row.id === world.message[name as Place]),
    )
  })
const write = (who: Persona, place: keyof World['channel'], values: Row = {}) =>
  world.as(who, (sql) => {
    const row = { id: newId(), channel_id: world.channel[place], body: 'Hello', ...values }
    return sql`insert into messages ${sql(row)} returning *`
  })
const edit = (who: Persona, place: Place) =>
  world.as(
    who,
    (sql) =>
      sql`update messages set body = 'Changed' where id = ${world.message[place]} returning body, user_id, edited_at is not null as edited`,
  )
const erase = (who: Persona, place: Place) =>
  world.as(who, (sql) => call(sql, 'delete_message', { message_id: world.message[place] }))
const context = (who: Persona, place: Place) =>
  world.as(who, (sql) => call(sql, 'message_context', { message_id: world.message[place] }))

describe('owner', () => {
  test('reads own channels; a public one not joined as a preview', async () => {
    expect(await seen('owner')).toEqual(['general', 'lobby'])
    expect(await context('owner', 'general')).toMatchObject({ seq: 1, thread_id: null })
    expect(await refusal(context('owner', 'secret'))).toBe('message_not_found')
    expect(await refusal(context('owner', 'direct'))).toBe('message_not_found')
  })

  test('writes where they are, edits and deletes own messages', async () => {
    expect(await write('owner', 'general')).toMatchObject([{ user_id: world.id.owner, seq: '2', rev: '2' }])
    expect(await edit('owner', 'general')).toEqual([
      { body: 'Changed', user_id: world.id.owner, edited: true },
    ])
    expect(await erase('owner', 'general')).toMatchObject({ body: '', rev: 2 })
    expect(await refusal(erase('owner', 'secret'))).toBe('message_not_found')
  })
})

describe('admin', () => {
  test('reads what they joined and previews the rest of the public ones', async () => {
    expect(await seen('admin')).toEqual(['general'])
    expect(await context('admin', 'lobby')).toMatchObject({ seq: 1 })
  })

  test('deletes messages of others, but edits none and reads no private channel', async () => {
    expect(await erase('admin', 'general')).toMatchObject({ body: '', user_id: world.id.owner })
    expect(await edit('admin', 'general')).toEqual([])
    expect(await refusal(erase('admin', 'secret'))).toBe('message_not_found')
    expect(await refusal(erase('admin', 'direct'))).toBe('message_not_found')
    expect(await refusal(write('admin', 'secret'))).toBe('channel_not_found')
  })
})

describe('member', () => {
  test('reads own channels, private and direct ones too', async () => {
    expect(await seen('member')).toEqual(['general', 'secret', 'direct'])
  })

  test('writes as themselves only', async () => {
    expect(await write('member', 'secret')).toMatchObject([{ user_id: world.id.member }])
    expect(await refusal(write('member', 'lobby'))).toBe('not_a_member')
    expect(await refusal(erase('member', 'general'))).toBe('not_allowed')
    expect(await edit('member', 'general')).toEqual([])
  })

  test.each([
    { user_id: '00000000-0000-4000-8000-000000000000' },
    { seq: 99 },
    { rev: 99 },
    { created_at: '2000-01-01' },
    { edited_at: '2000-01-01' },
    { deleted_at: '2000-01-01' },
    { mentions_all: true },
    { reactions: { '👍': [] } },
    { reply_count: 5 },
  ])('sets nothing that is not theirs to set: %j', async (values) => {
    expect(await refusal(write('member', 'general', values))).toBe('42501')
    const change = world.as(
      'member',
      (sql) => sql`update messages set ${sql(values as Row)} where id = ${world.message.secret}`,
    )
    expect(await refusal(change)).toBe('42501')
  })

  test('moves no message and takes over none with an upsert', async () => {
    for (const values of [
      { channel_id: world.channel.direct },
      { id: newId() },
      { user_id: world.id.peer },
    ]) {
      const move = world.as(
        'member',
        (sql) => sql`update messages set ${sql(values)} where id = ${world.message.secret}`,
      )
      expect(await refusal(move)).toBe('42501')
    }
    const row = { id: world.message.general, channel_id: world.channel.general, body: 'Mine now' }
    const over = world.as(
      'member',
      (sql) => sql`insert into messages ${sql(row)} on conflict (id) do update set body = excluded.body`,
    )
    expect(await refusal(over)).toBe('message_id_taken')
  })

  test('changes without a condition touch own messages only', async () => {
    await world.scene(async (speak) => {
      let sql = await speak('peer')
      const row = { id: newId(), channel_id: world.channel.general, body: 'Not yours' }
      await sql`insert into messages ${sql(row)}`
      sql = await speak('member')
      expect((await sql`update messages set body = 'All mine' returning id`).map((r) => r.id).sort()).toEqual(
        [world.message.secret, world.message.direct].sort(),
      )
      expect(await refusal(sql.savepoint((inner) => inner`delete from messages`))).toBe('42501')
    })
  })
})

describe('guest', () => {
  test('reads and writes in own channels, not even a preview elsewhere', async () => {
    expect(await seen('guest')).toEqual(['secret'])
    expect(await write('guest', 'secret')).toHaveLength(1)
    expect(await refusal(write('guest', 'general'))).toBe('channel_not_found')
    expect(await refusal(context('guest', 'general'))).toBe('message_not_found')
    expect(await refusal(erase('guest', 'secret'))).toBe('not_allowed')
  })
})

describe('outsider', () => {
  test('cannot tell a message or channel that is there from one that is not', async () => {
    expect(await seen('outsider')).toEqual(['elsewhere'])
    for (const place of ['general', 'secret', 'direct'] as const) {
      expect(await refusal(write('outsider', place))).toBe('channel_not_found')
      expect(await refusal(context('outsider', place))).toBe('message_not_found')
      expect(await refusal(erase('outsider', place))).toBe('message_not_found')
      expect(await edit('outsider', place)).toEqual([])
    }
    expect(await refusal(write('outsider', 'elsewhere', { channel_id: newId() }))).toBe('channel_not_found')
  })
})

describe('anonymous', () => {
  test('may not even ask', async () => {
    expect(await refusal(seen('anonymous'))).toBe('42501')
    expect(await refusal(write('anonymous', 'general'))).toBe('42501')
    expect(await refusal(context('anonymous', 'general'))).toBe('42501')
  })
})

describe('bad input', () => {
  test.each([
    ['empty_message', ''],
    ['empty_message', ' \n\t\u200b\u2060\ufeff\u3164\u202e'],
    ['message_too_long', 'x'.repeat(40_001)],
  ])('%s', async (code, body) => {
    expect(await refusal(write('member', 'general', { body }))).toBe(code)
    const change = world.as(
      'member',
      (sql) => sql`update messages set body = ${body} where id = ${world.message.secret}`,
    )
    expect(await refusal(change)).toBe(code)
  })

  test('40,000 characters are a message, white space and all', async () => {
    const body = ` ${'👩‍👩‍👧'.repeat(7999)}    `
    expect([...body]).toHaveLength(40_000)
    const [row] = await write('member', 'general', { body })
    expect(row?.body).toBe(body)
  })

  test('without an id', async () => {
    expect(await refusal(write('member', 'general', { id: null }))).toBe('23502')
  })
})

describe('whoever writes, also the server itself', () => {
  const insert = (values: Row) =>
    world.database.admin`insert into messages ${world.database.admin({
      id: newId(),
      channel_id: world.channel.general,
      user_id: world.id.member,
      body: 'Hello',
      ...values,
    })}`
  const change = (values: Row) =>
    world.database
      .admin`update messages set ${world.database.admin(values)} where id = ${world.message.general}`

  test.each<[string, Row]>([
    ['message_too_long', { body: 'x'.repeat(40_001) }],
    ['empty_message', { body: '' }],
    ['23514', { deleted_at: '2000-01-01' }],
  ])('a message is a text that is not deleted yet: %s', async (code, values) => {
    expect(await refusal(insert(values))).toBe(code)
  })

  test.each<Row>([
    { seq: null },
    { thread_seq: 1 },
    { deleted_at: '2000-01-01' },
    { deleted_at: '2000-01-01', body: '', reactions: { '👍': [] } },
  ])('it has one place, and nothing in it when it is deleted: %j', async (values) => {
    expect(await refusal(change(values))).toBe('23514')
  })
})

describe('the same id', () => {
  test('sent again is the same message and takes no number', async () => {
    await world.scene(async (speak) => {
      const sql = await speak('member')
      const row = { id: newId(), channel_id: world.channel.general, body: 'Once' }
      const send = (values: Row = row) =>
        sql`insert into messages ${sql(values)} on conflict (id) do nothing returning id`
      expect(await send()).toHaveLength(1)
      expect(await send({ ...row, body: 'Twice' })).toHaveLength(0)
      const next = await sql`insert into messages ${sql({ ...row, id: newId() })} returning seq`
      expect(next).toEqual([{ seq: '3' }])
      expect(await sql`select body from messages where id = ${row.id}`).toEqual([{ body: 'Once' }])
    })
  })

  test.each(['general', 'secret'] as const)(
    'of somebody else is refused, in a channel one can see and in others: %s',
    async (place) => {
      expect(await refusal(write('peer', 'general', { id: world.message[place] }))).toBe('message_id_taken')
    },
  )

  test('in another channel is refused', async () => {
    expect(await refusal(write('member', 'direct', { id: world.message.secret }))).toBe('message_id_taken')
  })
})

describe('mentions', () => {
  const mentioned = async (who: Persona, place: keyof World['channel'], body: string) => {
    const [row] = await write(who, place, { body })
    return {
      all: row?.mentions_all,
      people: Object.entries(world.id)
        .filter(([, id]) => row?.mentions.includes(id))
        .map(([name]) => name),
    }
  }

  test.each([
    ['Hi @mia.member, @ADAM.ADMIN. and (@pete.peer)!', ['admin', 'member', 'peer'], false],
    ['`@mia.member` ```\n@pete.peer\n``` mail me@mia.member', [], false],
    ['@gus.guest @otto.outsider @nobody', [], false],
    ['@channel look', [], true],
    ['@Here @everyone', [], true],
    ['`@channel`', [], false],
  ])('are read from the text: %s', async (body, people, all) => {
    expect(await mentioned('owner', 'general', body)).toEqual({ people, all })
  })

  test('reach only members of a private channel', async () => {
    expect((await mentioned('member', 'secret', '@gus.guest @olga.owner')).people).toEqual(['guest'])
  })

  test('tell a guest nothing about people they cannot see', async () => {
    await world.scene(async (speak) => {
      let sql = await speak('owner')
      await call(sql, 'add_channel_members', { channel_id: world.channel.lobby, user_ids: [world.id.guest] })
      const row = (body: string) => ({ id: newId(), channel_id: world.channel.lobby, body })
      await sql`insert into messages ${sql(row('@mia.member and @adam.admin, meet @gus.guest'))}`
      sql = await speak('guest')
      const [mine] = await sql`insert into messages ${sql(row('@adam.admin @olga.owner'))} returning mentions`
      expect(mine?.mentions).toEqual([world.id.owner])
      const { people } = await call(sql, 'channel_page', { channel_id: world.channel.lobby })
      expect(people.map((person: Row) => person.handle)).toEqual(['gus.guest', 'mia.member', 'olga.owner'])
    })
  })

  test('take 40,000 characters of at-signs and backticks without delay', async () => {
    const started = performance.now()
    for (const sign of ['@', '`', '@a', '`@', '```', 'a@']) {
      await write('member', 'general', { body: sign.repeat(40_000 / sign.length).slice(0, 40_000) })
    }
    expect(performance.now() - started).toBeLessThan(6000)
  })
})
