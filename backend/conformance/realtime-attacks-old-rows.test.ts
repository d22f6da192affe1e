import { beforeAll, expect, test } from 'vitest'
import { arrived, collect, joined, realtimeWorld } from './realtime-client'

const world = realtimeWorld()

// The whole old row is in the stream: nothing but the server keeps it from those who may not see it.
beforeAll(async () => {
  await world.sql`alter table public.plain_notes replica identity full`
  await world.sql`alter table public.notes replica identity full`
})

const of = (table: string, filter?: string) =>
  ({ event: '*', schema: 'public', table, ...(filter ? { filter } : {}) }) as const

test('by filters a stranger does not learn what was in a row that is deleted', async () => {
  const [stranger, member] = [await world.person([2]), await world.person([1])]
  const [guess, key, hers, fences] = [collect(), collect(), collect(), collect()]
  await joined(
    stranger.supabase
      .channel('guesses')
      .on('postgres_changes', of('plain_notes', 'body=eq.the plan'), guess.add)
      .on('postgres_changes', of('plain_notes', 'id=eq.1'), key.add)
      .on('postgres_changes', of('news'), fences.add),
  )
  const filter = 'body=eq.the plan'
  await joined(member.supabase.channel('hers').on('postgres_changes', of('notes', filter), hers.add))
  for (const table of ['plain_notes', 'notes']) {
    await world.sql`insert into ${world.sql(table)} (id, room_id, body) values (1, 1, 'the plan')`
    await world.sql`delete from ${world.sql(table)}`
  }
  await world.sql`insert into news values (1, 'dealt with')`
  await arrived(fences.seen, 1)
  expect(guess.seen).toEqual([])
  // The key is told to everybody, as upstream; who may see the scope may filter by all of it.
  expect(key.seen.map(({ eventType, old }) => [eventType, old])).toEqual([['DELETE', { id: 1 }]])
  expect(hers.seen.map(({ eventType }) => eventType)).toEqual(['INSERT', 'DELETE'])
})

test('nor does whoever a deleted row names, but may not see', async () => {
  const named = await world.person([2])
  const [guess, all, fences] = [collect(), collect(), collect()]
  await joined(
    named.supabase
      .channel('named')
      .on('postgres_changes', of('notes', 'body=eq.about you'), guess.add)
      .on('postgres_changes', of('notes'), all.add)
      .on('postgres_changes', of('news'), fences.add),
  )
  await world.sql`insert into notes (id, room_id, author, body) values (2, 1, ${named.id}, 'about you')`
  await world.sql`delete from notes`
  await world.sql`insert into news values (2, 'dealt with')`
  await arrived(fences.seen, 1)
  expect(all.seen.map(({ old }) => old)).toEqual([{ id: 2 }])
  expect(guess.seen).toEqual([])
})

test('who gets to see a row by its update is not told what it was, whether or not its policies declare anything', async () => {
  const { supabase } = await world.person([1])
  const [notes, plain, fences] = [collect(), collect(), collect()]
  await joined(
    supabase
      .channel('moved')
      .on('postgres_changes', of('notes'), notes.add)
      .on('postgres_changes', of('plain_notes'), plain.add)
      .on('postgres_changes', of('news'), fences.add),
  )
  for (const table of ['notes', 'plain_notes']) {
    await world.sql`insert into ${world.sql(table)} (id, room_id, body) values (3, 2, 'hidden')`
  }
  // What is not declared is asked about as it is then.
  await world.sql`insert into news values (3, 'dealt with')`
  await arrived(fences.seen, 1)
  for (const table of ['notes', 'plain_notes']) {
    await world.sql`update ${world.sql(table)} set room_id = 1, body = 'shown'`
    await world.sql`update ${world.sql(table)} set body = 'shown too'`
  }
  await arrived(notes.seen, 2)
  await arrived(plain.seen, 2)
  for (const { seen } of [notes, plain]) {
    expect(seen[0]).toMatchObject({ new: { body: 'shown' }, old: { id: 3 } })
    expect(Object.keys(seen[0].old)).toEqual(['id'])
    // What they could see before is told.
    expect(seen[1].old).toMatchObject({ id: 3, room_id: 1, body: 'shown' })
  }
})
