import { describe, expect, test } from 'vitest'
import { arrived, collect, joined, realtimeWorld, VERSIONS } from './realtime-client'

const world = realtimeWorld()
let lastId = 0
const newId = () => {
  lastId += 1
  return lastId
}

describe.each(VERSIONS)('row changes, vsn %s', (vsn) => {
  test('B01 B05: insert, update and delete reach members with typed values, and nobody else', async () => {
    const ada = await world.person([1], vsn)
    const bob = await world.person([2], vsn)
    const [hers, his] = [collect(), collect()]
    const all = { event: '*', schema: 'public', table: 'notes' } as const
    await joined(ada.supabase.channel('any').on('postgres_changes', all, hers.add))
    await joined(bob.supabase.channel('any').on('postgres_changes', all, his.add))
    const id = newId()
    await world.sql`insert into notes (id, room_id, author, body, secret, flags, extra, amount)
      values (${id}, 1, ${ada.id}, 'hello', 'hidden', '{a,"b c",NULL}', '{"n": 1}', 1.50)`
    await world.sql`update notes set body = 'hello again', seen = true where id = ${id}`
    await world.sql`delete from notes where id = ${id}`
    await arrived(hers.seen, 3)
    const row = {
      id,
      room_id: 1,
      author: ada.id,
      body: 'hello',
      flags: ['a', 'b c', null],
      extra: { n: 1 },
      amount: 1.5,
      written_at: '2026-01-02T03:04:05.678+00:00',
      seen: false,
    }
    const common = {
      schema: 'public',
      table: 'notes',
      commit_timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      errors: null,
    }
    expect(hers.seen).toEqual([
      { ...common, eventType: 'INSERT', new: row, old: {} },
      { ...common, eventType: 'UPDATE', new: { ...row, body: 'hello again', seen: true }, old: { id } },
      { ...common, eventType: 'DELETE', new: {}, old: { id } },
    ])
    // Deletions are not decidable without the scope in the key: as upstream, everybody hears the key of them.
    expect(his.seen).toEqual([{ ...common, eventType: 'DELETE', new: {}, old: { id } }])
  })

  test('filters, events and selected columns are respected', async () => {
    const ada = await world.person([1, 2], vsn)
    const [room, inserts, few] = [collect(), collect(), collect()]
    const channel = ada.supabase.channel('filters')
    const notes = { schema: 'public', table: 'notes' } as const
    channel.on('postgres_changes', { ...notes, event: '*', filter: 'room_id=eq.2' }, room.add)
    channel.on(
      'postgres_changes',
      { ...notes, event: 'INSERT', filter: 'body=like.%x%,amount=gte.2' },
      inserts.add,
    )
    channel.on('postgres_changes', { ...notes, event: '*', select: ['body'] }, few.add)
    await joined(channel)
    const [a, b] = [newId(), newId()]
    await world.sql`insert into notes (id, room_id, body, amount) values (${a}, 1, 'axa', 10), (${b}, 2, 'bb', 3)`
    await world.sql`update notes set body = 'bxb' where id = ${b}`
    await arrived(few.seen, 3)
    expect(room.seen.map((each) => [each.eventType, each.new.id])).toEqual([
      ['INSERT', b],
      ['UPDATE', b],
    ])
    expect(inserts.seen.map((each) => each.new.id)).toEqual([a])
    expect(few.seen.map((each) => each.new)).toEqual([
      { id: a, body: 'axa' },
      { id: b, body: 'bb' },
      { id: b, body: 'bxb' },
    ])
  })

  test('a table that declares no scope is asked for every change', async () => {
    const ada = await world.person([1], vsn)
    const bob = await world.person([2], vsn)
    const [hers, his] = [collect(), collect()]
    const all = { event: 'INSERT', schema: 'public', table: 'plain_notes' } as const
    await joined(ada.supabase.channel('any').on('postgres_changes', all, hers.add))
    await joined(bob.supabase.channel('any').on('postgres_changes', all, his.add))
    const [a, b] = [newId(), newId()]
    await world.sql`insert into plain_notes (id, room_id) values (${a}, 1), (${b}, 2)`
    await arrived(hers.seen, 1)
    await arrived(his.seen, 1)
    expect([hers.seen[0].new.id, his.seen[0].new.id]).toEqual([a, b])
  })

  test('a declared policy that cannot be asked without a row is asked with it', async () => {
    const ada = await world.person([], vsn)
    const { seen, add } = collect()
    const inserts = { event: 'INSERT', schema: 'public', table: 'closed_notes' } as const
    await joined(ada.supabase.channel('any').on('postgres_changes', inserts, add))
    await world.sql`insert into closed.access values (${ada.id}, 1)`
    const [a, b] = [newId(), newId()]
    await world.sql`insert into closed_notes values (${a}, 1), (${b}, 2)`
    await world.sql`insert into closed_notes values (${newId()}, 1)`
    await arrived(seen, 2)
    expect(seen[0].new).toEqual({ id: a, room_id: 1 })
  })

  test('of a protected table without a key only the existence of changes is told', async () => {
    const ada = await world.person([1], vsn)
    const { seen, add } = collect()
    const all = { event: 'INSERT', schema: 'public', table: 'keyless' } as const
    await joined(ada.supabase.channel('any').on('postgres_changes', all, add))
    await world.sql`insert into keyless values (1, 'hidden')`
    await arrived(seen, 1)
    expect(seen[0]).toMatchObject({ new: {}, errors: ['Error 400: Bad Request, no primary key'] })
  })

  test('a long value that an update did not touch is delivered all the same', async () => {
    const ada = await world.person([1], vsn)
    const { seen, add } = collect()
    await joined(
      ada.supabase
        .channel('toast')
        .on('postgres_changes', { event: 'UPDATE', schema: 'public', table: 'notes' }, add),
    )
    const id = newId()
    await world.sql`alter table notes alter body set storage external`
    const body = 'long '.repeat(4_000)
    await world.sql`insert into notes (id, room_id, body) values (${id}, 1, ${body})`
    await world.sql`update notes set seen = true where id = ${id}`
    await arrived(seen, 1)
    expect(seen[0].new).toMatchObject({ id, seen: true, body })
  })

  test('B07: whoever is removed hears nothing that was committed later', async () => {
    const ada = await world.person([1], vsn)
    const bob = await world.person([1], vsn)
    const [hers, his] = [collect(), collect()]
    const inserts = { event: 'INSERT', schema: 'public', table: 'notes' } as const
    await joined(ada.supabase.channel('any').on('postgres_changes', inserts, hers.add))
    await joined(bob.supabase.channel('any').on('postgres_changes', inserts, his.add))
    const [before, after, back] = [newId(), newId(), newId()]
    await world.sql`insert into notes (id, room_id) values (${before}, 1)`
    await arrived(hers.seen, 1)
    await world.sql.begin(async (sql) => {
      await sql`insert into notes (id, room_id) values (${after}, 1)`
      await sql`delete from room_members where user_id = ${ada.id}`
    })
    await arrived(his.seen, 2)
    await world.enter(ada.id, 1)
    await world.sql`insert into notes (id, room_id) values (${back}, 1)`
    await arrived(his.seen, 3)
    await arrived(hers.seen, 2)
    expect(hers.seen.map((each) => each.new.id)).toEqual([before, back])
    expect(his.seen.map((each) => each.new.id)).toEqual([before, after, back])
  })

  test('B05: a removed member hears of the removal, strangers do not', async () => {
    const ada = await world.person([1], vsn)
    const bob = await world.person([2], vsn)
    const [hers, his] = [collect(), collect()]
    const deletes = { event: 'DELETE', schema: 'public', table: 'room_members' } as const
    await joined(ada.supabase.channel('any').on('postgres_changes', deletes, hers.add))
    await joined(bob.supabase.channel('any').on('postgres_changes', deletes, his.add))
    await world.leave(ada.id, 1)
    await world.leave(bob.id, 2)
    await arrived(hers.seen, 1)
    await arrived(his.seen, 1)
    expect(hers.seen[0].old).toEqual({ room_id: 1, user_id: ada.id })
    expect(his.seen[0].old).toEqual({ room_id: 2, user_id: bob.id })
  })

  test('a public table reaches an anonymous client; an unpublished one is refused with a sentence', async () => {
    const anonymous = world.client(vsn)
    const { seen, add } = collect()
    await joined(
      anonymous.channel('news').on('postgres_changes', { event: '*', schema: 'public', table: 'news' }, add),
    )
    const id = newId()
    await world.sql`insert into news values (${id}, 'first')`
    await arrived(seen, 1)
    expect(seen[0].new).toEqual({ id, title: 'first' })
    const refused = anonymous
      .channel('no')
      .on('postgres_changes', { event: '*', schema: 'public', table: 'unpublished' }, add)
    await expect(joined(refused)).rejects.toThrow(/Unable to subscribe to changes with given parameters/)
    const hidden = anonymous
      .channel('col')
      .on('postgres_changes', { event: '*', schema: 'public', table: 'notes', filter: 'secret=eq.x' }, add)
    await expect(joined(hidden)).rejects.toThrow(/invalid column for filter secret/)
  })
})
