import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, newId, openWorld, type Persona, type Row, refusal, type World } from './personas'

type Sql = Parameters<Parameters<World['as']>[1]>[0]
let world: World
beforeAll(async () => {
  world = await openWorld()
  for (const body of ['Two', 'Three @mia.member', 'Four @channel', 'Five']) {
    await world.commit('owner', (sql) => write(sql, world.channel.general, body))
  }
})
afterAll(() => world.stop())

const write = async (sql: Sql, channel_id: string, body: string, thread_id: string | null = null) => {
  const id = newId()
  await sql`insert into messages ${sql({ id, channel_id, body, thread_id })}`
  return id
}
const mark = (
  who: Persona,
  name: 'mark_read' | 'mark_unread',
  seq: number,
  place: keyof World['channel'] = 'general',
) => world.as(who, (sql) => call(sql, name, { channel_id: world.channel[place], seq }))
const channelOf = async (sql: Sql, channelId: string): Promise<Row> => {
  const { channels } = await call(sql, 'bootstrap', { workspace_slug: 'acme' })
  return channels.find((channel: Row) => channel.id === channelId)
}

describe.each(['owner', 'admin', 'member', 'guest', 'outsider'] as const)('%s', (who) => {
  test('sees own rows only and writes none by hand', async () => {
    const rows = await world.as(who, (sql) => sql`select user_id from read_states`)
    expect(rows.length).toBeGreaterThan(0)
    expect(new Set(rows.map((row) => row.user_id))).toEqual(new Set([world.id[who]]))
    expect(await refusal(world.as(who, (sql) => sql`update read_states set last_read_seq = 0`))).toBe('42501')
    expect(await refusal(world.as(who, (sql) => sql`delete from read_states`))).toBe('42501')
  })
})

describe('member', () => {
  test('reads up to where messages are, never back', async () => {
    expect(await mark('member', 'mark_read', 3)).toMatchObject({ last_read_seq: 3, unread_from_seq: null })
    expect(await mark('member', 'mark_read', 9_000_000)).toMatchObject({ last_read_seq: 5 })
    expect(await mark('member', 'mark_read', -1)).toMatchObject({ last_read_seq: 0 })
    expect(await mark('owner', 'mark_read', 1)).toMatchObject({ last_read_seq: 5 })
  })

  test('marks unread from a message on, until that is read', async () => {
    await world.scene(async (speak) => {
      const sql = await speak('member')
      const channel_id = world.channel.general
      await call(sql, 'mark_read', { channel_id, seq: 5 })
      expect(await call(sql, 'mark_unread', { channel_id, seq: 4 })).toMatchObject({
        last_read_seq: 5,
        unread_from_seq: 4,
      })
      expect(await channelOf(sql, channel_id)).toMatchObject({ mention_count: 1 })
      expect(await call(sql, 'mark_read', { channel_id, seq: 3 })).toMatchObject({ unread_from_seq: 4 })
      expect(await call(sql, 'mark_unread', { channel_id, seq: 99 })).toMatchObject({ unread_from_seq: 4 })
      expect(await call(sql, 'mark_read', { channel_id, seq: 5 })).toMatchObject({ unread_from_seq: null })
    })
  })

  test('cannot in a channel that is not joined or not there', async () => {
    expect(await refusal(mark('member', 'mark_read', 1, 'lobby'))).toBe('not_a_member')
    expect(await refusal(mark('member', 'mark_unread', 1, 'elsewhere'))).toBe('channel_not_found')
  })
})

describe('guest', () => {
  test('marks own channels only', async () => {
    expect(await mark('guest', 'mark_read', 1, 'secret')).toMatchObject({ last_read_seq: 1 })
    expect(await refusal(mark('guest', 'mark_read', 1))).toBe('channel_not_found')
  })
})

describe('outsider', () => {
  test('marks nothing here', async () => {
    expect(await refusal(mark('outsider', 'mark_read', 1))).toBe('channel_not_found')
  })
})

describe('anonymous', () => {
  test('may not even ask', async () => {
    expect(await refusal(world.as('anonymous', (sql) => sql`select * from read_states`))).toBe('42501')
    expect(await refusal(mark('anonymous', 'mark_read', 1))).toBe('42501')
  })
})

describe('unread', () => {
  test('is what came after, and mentions are counted from rows', async () => {
    await world.scene(async (speak) => {
      let sql = await speak('member')
      const { general, direct } = world.channel
      expect(await channelOf(sql, general)).toMatchObject({
        head: { last_seq: 5 },
        read: { last_read_seq: 0 },
        mention_count: 2,
      })
      sql = await speak('owner')
      const id = await write(sql, general, 'Six @mia.member')
      await sql`update messages set body = 'Six, @adam.admin' where id = ${id}`
      await write(sql, general, '@mia.member in a thread', id)
      sql = await speak('member')
      expect(await channelOf(sql, general)).toMatchObject({ mention_count: 2 })
      sql = await speak('admin')
      expect(await channelOf(sql, general)).toMatchObject({ mention_count: 2 })
      sql = await speak('owner')
      await call(sql, 'delete_message', { message_id: id })
      sql = await speak('admin')
      expect(await channelOf(sql, general)).toMatchObject({ mention_count: 1 })
      sql = await speak('peer')
      expect(await channelOf(sql, direct)).toMatchObject({ head: { last_seq: 1 }, mention_count: 1 })
      sql = await speak('member')
      await call(sql, 'delete_message', { message_id: world.message.direct })
      sql = await speak('peer')
      expect(await channelOf(sql, direct)).toMatchObject({ mention_count: 0 })
    })
  })

  test('ends for who writes, and goes on for the others', async () => {
    await world.scene(async (speak) => {
      let sql = await speak('member')
      const { general } = world.channel
      await call(sql, 'mark_unread', { channel_id: general, seq: 2 })
      await write(sql, general, 'I was here')
      expect(await channelOf(sql, general)).toMatchObject({
        read: { last_read_seq: 6, unread_from_seq: null },
        mention_count: 0,
      })
      sql = await speak('owner')
      expect(await channelOf(sql, general)).toMatchObject({
        head: { last_seq: 6 },
        read: { last_read_seq: 5 },
      })
      await write(sql, general, 'In a thread', world.message.general)
      expect(await channelOf(sql, general)).toMatchObject({
        head: { last_seq: 6 },
        read: { last_read_seq: 5 },
      })
    })
  })
})
