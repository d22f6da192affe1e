import { expect, test } from 'vitest'
import { arrived, collect, joined, realtimeWorld } from './realtime-client'

const world = realtimeWorld({}, { durable: true })
let lastId = 0

async function listening() {
  const ada = await world.person([1])
  const { seen, add } = collect()
  const channel = await joined(
    ada.supabase
      .channel('any')
      .on('postgres_changes', { event: 'INSERT', schema: 'public', table: 'notes' }, add),
  )
  return { channel, seen, ids: () => seen.map((each) => each.new.id) }
}

/** Inserts a note as soon as the database takes it. */
async function note(): Promise<number> {
  lastId += 1
  const id = lastId
  await expect
    .poll(
      () =>
        world.sql`insert into notes (id, room_id) values (${id}, 1) on conflict do nothing`.then(
          () => true,
          () => false,
        ),
      {
        timeout: 20_000,
        interval: 100,
      },
    )
    .toBe(true)
  return id
}

test('the slot is lost: clients are sent away to sync again, and hear changes after that', async () => {
  const { channel, ids } = await listening()
  await arrived(ids(), 0)
  // The reader comes back quickly: its slot can only be dropped in between.
  await expect
    .poll(async () => {
      await world.sql`select pg_terminate_backend(active_pid, 1000) from pg_replication_slots where active`
      return world.sql`select pg_drop_replication_slot(slot_name) from pg_replication_slots`.then(
        () => true,
        () => false,
      )
    })
    .toBe(true)
  await expect.poll(() => channel.state, { timeout: 20_000 }).not.toBe('joined')
  await expect.poll(() => channel.state, { timeout: 20_000 }).toBe('joined')
  await expect
    .poll(
      async () => {
        await note()
        return ids().length
      },
      { timeout: 10_000, interval: 200 },
    )
    .toBeGreaterThan(0)
})

test('a changed schema is noticed with its commit: columns, privileges, policies, publication', async () => {
  const { seen } = await listening()
  const insert = async () => {
    const count = seen.length
    await note()
    await arrived(seen, count + 1)
    return Object.keys(seen.at(-1)?.new)
  }
  expect(await insert()).not.toContain('colour')
  await world.sql.unsafe(
    `alter table notes add column colour text default 'red'; grant select (colour) on notes to authenticated`,
  )
  expect(await insert()).toContain('colour')
  await world.sql`revoke select (colour) on notes from authenticated`
  expect(await insert()).not.toContain('colour')
  const count = seen.length
  const fences = collect()
  await joined(
    world
      .client()
      .channel('f')
      .on('postgres_changes', { event: '*', schema: 'public', table: 'news' }, fences.add),
  )
  await world.sql`create policy nobody on notes as restrictive for select to authenticated using (room_id <> 1)`
  await note()
  await world.sql`insert into news values (1, 'dealt with')`
  await arrived(fences.seen, 1)
  await world.sql`drop policy nobody on notes`
  const last = await note()
  await expect.poll(() => seen.at(-1)?.new.id).toBe(last)
  expect(seen.length).toBe(count + 1)
})

// Last: pools of the test itself are shaken by it.
test('the database restarts after a crash: sockets stay, and everything that was committed arrives once', async () => {
  const { channel, ids } = await listening()
  const before = await note()
  const [backend] = await world.sql<
    { pid: number }[]
  >`select pid from pg_stat_activity where backend_type = 'checkpointer'`
  // The postmaster answers the death of any of its processes with a restart of all of them.
  process.kill(backend?.pid ?? 0, 'SIGKILL')
  const after = [await note(), await note()]
  await expect.poll(ids, { timeout: 20_000 }).toEqual([before, ...after])
  expect(channel.state).toBe('joined')
})
