import { expect, test } from 'vitest'
import { collect, joined, realtimeWorld } from './realtime-client'

const world = realtimeWorld()

const ROOMS = [1, 2, 3, 4]

/** A small generator that can be replayed from its seed. */
function dice(seed: number) {
  let state = seed
  return (sides: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

type Event = { kind: string; id: number }

async function listener(rooms: number[]) {
  const person = await world.person(rooms)
  const [notes, plain, fences] = [collect(), collect(), collect()]
  const on = (table: string) => ({ event: '*', schema: 'public', table }) as const
  const channel = person.supabase.channel('oracle')
  channel.on('postgres_changes', on('notes'), ({ eventType, ...row }) =>
    notes.add({ kind: eventType, ...id(row) }),
  )
  channel.on('postgres_changes', on('plain_notes'), ({ eventType, ...row }) =>
    plain.add({ kind: eventType, ...id(row) }),
  )
  channel.on('postgres_changes', on('news'), (row) => fences.add(id(row).id))
  await joined(channel)
  return {
    id: person.id,
    notes: notes.seen as Event[],
    plain: plain.seen as Event[],
    fences: fences.seen as number[],
  }
}

function id(row: object): { id: number } {
  const { new: after, old } = row as { new: { id?: number }; old: { id?: number } }
  return { id: after.id ?? old.id ?? 0 }
}

type Listener = Awaited<ReturnType<typeof listener>>

let fence = 0
/** Waits until everybody has heard everything that was committed so far. */
async function quiet(listeners: Listener[]) {
  fence += 1
  await world.sql`insert into news values (${fence}, 'fence')`
  for (const each of listeners) {
    await expect.poll(() => each.fences.at(-1), { timeout: 10_000, interval: 5 }).toBe(fence)
  }
}

/** What the real policy lets somebody read, asked of PostgreSQL in the plainest way. */
async function readable(person: string, table: string): Promise<Set<number>> {
  const rows = await world.sql.begin(async (sql) => {
    const claims = JSON.stringify({ sub: person, role: 'authenticated' })
    await sql`select set_config('request.jwt.claims', ${claims}, true), set_config('role', 'authenticated', true)`
    return sql.unsafe<{ id: number }[]>(`select id from public.${table}`)
  })
  return new Set(rows.map((row) => row.id))
}

async function randomStep(roll: (sides: number) => number, people: string[], ids: number[], table: string) {
  const room = ROOMS[roll(ROOMS.length)] ?? 1
  const person = people[roll(people.length)] ?? ''
  const note = ids[roll(ids.length)] ?? 0
  const sql = world.sql
  switch (roll(8)) {
    case 0:
      await sql`insert into room_members values (${room}, ${person}) on conflict do nothing`
      return null
    case 1:
      await sql`delete from room_members where room_id = ${room} and user_id = ${person}`
      return null
    case 2:
      await sql`update ${sql(table)} set room_id = ${room} where id = ${note}`
      return { kind: 'UPDATE', id: note }
    case 3:
      await sql`update ${sql(table)} set body = ${String(roll(1_000))} where id = ${note}`
      return { kind: 'UPDATE', id: note }
    default: {
      const made = (ids.at(-1) ?? 0) + 1
      ids.push(made)
      await sql`insert into ${sql(table)} (id, room_id, body) values (${made}, ${room}, 'new')`
      return { kind: 'INSERT', id: made }
    }
  }
}

test.each([
  ['notes', 'notes', 11],
  ['plain_notes', 'plain', 12],
] as const)('every delivery of %s equals what the policy says, step by step', async (table, field, seed) => {
  const roll = dice(seed)
  const listeners = await Promise.all([[1], [1, 2], [2, 3], [], [4]].map((rooms) => listener(rooms)))
  const people = listeners.map((each) => each.id)
  const ids = [1_000 * seed]
  await world.sql`insert into ${world.sql(table)} (id, room_id) values (${ids[0] ?? 0}, 1)`
  await quiet(listeners)
  const expected = listeners.map((each) => [...each[field]])
  for (let step = 0; step < 60; step++) {
    const event = await randomStep(roll, people, ids, table)
    if (event) {
      for (const [i, person] of people.entries()) {
        if ((await readable(person, table)).has(event.id)) expected[i]?.push(event)
      }
    }
    await quiet(listeners)
    for (const [i, each] of listeners.entries()) {
      expect(each[field], `seed ${seed}, step ${step}, person ${i}`).toEqual(expected[i])
    }
  }
})

test('in bursts, nobody gets what they could see at no time since its commit, and nobody misses what they could see throughout', async () => {
  const seed = 13
  const roll = dice(seed)
  const listeners = await Promise.all([[1], [1, 2], [2, 3], [], [4]].map((rooms) => listener(rooms)))
  const people = listeners.map((each) => each.id)
  const ids = [1_000 * seed]
  const heard = listeners.map(() => 0)
  for (let burst = 0; burst < 12; burst++) {
    const history: { event: Event | null; room: number; members: Set<string> }[] = []
    for (let step = 0; step < 8; step++) {
      const event = await randomStep(roll, people, ids, 'notes')
      const rows = await world.sql<
        { key: string }[]
      >`select user_id || ' ' || room_id as key from private.room_access`
      const [note] = event
        ? await world.sql<{ room: number }[]>`select room_id as room from notes where id = ${event.id}`
        : []
      history.push({
        event: note ? event : null,
        room: note?.room ?? 0,
        members: new Set(rows.map(({ key }) => key)),
      })
    }
    await quiet(listeners)
    for (const [i, each] of listeners.entries()) {
      const news = each.notes.slice(heard[i])
      heard[i] = each.notes.length
      for (const [step, { event, room }] of history.entries()) {
        if (!event) continue
        const since = history.slice(step).map(({ members }) => members.has(`${people[i]} ${room}`))
        const key = `${event.kind} ${event.id}`
        const times = (list: (Event | null)[]) =>
          list.filter((other) => other && `${other.kind} ${other.id}` === key).length
        const got = times(news)
        const where = `seed ${seed}, burst ${burst}, step ${step}, person ${i}, ${key}`
        // The same row may change twice in a burst: then only the counts can be compared.
        if (times(history.map((other) => other.event)) > 1)
          expect(got, where).toBeLessThanOrEqual(times(history.map((other) => other.event)))
        else if (!since.includes(true)) expect(got, where).toBe(0)
        else if (!since.includes(false)) expect(got, where).toBe(1)
      }
    }
  }
})
