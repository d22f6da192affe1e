import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { OracleSocket } from '../testing/oracle/socket'
import { arrived, collect, joined, realtimeWorld } from './realtime-client'
import { joinFrame, rawSockets } from './realtime-raw'

const world = realtimeWorld({}, { durable: true })
const { open } = rawSockets(world)
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
  // Of what was written in between, nothing is still on its way to whoever listens next.
  await expect.poll(() => ids().at(-1)).toBe(lastId)
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

test('what policies that call nothing allow is still told after the schema has changed', async () => {
  await world.sql.unsafe(`
    create table public.notices (id int primary key, body text);
    alter table public.notices enable row level security;
    grant select on public.notices to authenticated;
    create policy everybody on public.notices for select to authenticated using (true);
    alter publication supabase_realtime add table public.notices`)
  const { seen, add } = collect()
  const { supabase } = await world.person()
  await joined(
    supabase.channel('n').on('postgres_changes', { event: '*', schema: 'public', table: 'notices' }, add),
  )
  for (const id of [1, 2]) {
    await world.sql.unsafe(`alter table public.notices alter body set default '${id}'`)
    await world.sql`insert into public.notices (id) values (${id})`
    await arrived(seen, id)
  }
})

test.each([
  ['for each row', '', 'areas'],
  ['by scope', '@realtime scope=place', 'areas_by_place'],
])(
  'an internal error that somebody brings about breaks off their channels alone: asked %s',
  async (_, comment, name) => {
    // As extensions do for what they cannot read.
    await world.sql.unsafe(`
    create or replace function private.area() returns text language plpgsql stable set search_path = '' as $$
    declare area text := auth.jwt() -> 'user_metadata' ->> 'area';
    begin
      if area = 'broken' then raise internal_error; end if;
      return area;
    end $$;
    create table public.${name} (id int primary key, place text not null);
    alter table public.${name} enable row level security;
    grant select on public.${name} to authenticated;
    create policy nearby on public.${name} for select to authenticated using (place = (select private.area()));
    comment on policy nearby on public.${name} is '${comment}';
    alter publication supabase_realtime add table public.${name}`)
    const listen = async (area: string) => {
      const { say, messages } = await open()
      const access_token = await world.tokenFor(randomUUID(), { user_metadata: { area } })
      const postgres_changes = [{ event: '*', schema: 'public', table: name }]
      say(joinFrame('realtime:areas', '1', { postgres_changes }, { access_token }))
      const heard = (event: string) => messages.filter((each) => each[3] === event).length
      await expect.poll(() => heard('system')).toBe(1)
      return heard
    }
    const [ada, eve] = [await listen('here'), await listen('broken')]
    await world.sql`insert into ${world.sql(name)} values (1, 'here')`
    await expect.poll(() => [ada('postgres_changes'), eve('phx_error')]).toEqual([1, 1])
    await world.sql`insert into ${world.sql(name)} values (2, 'here')`
    await expect.poll(() => ada('postgres_changes')).toBe(2)
    expect([ada('phx_error'), eve('postgres_changes')]).toEqual([0, 0])
  },
)

test('G08: a reader that stands still loses the slot, not the disk; clients are told to sync again', async () => {
  const { server, sql } = world
  const ada = await world.person([1])
  const socket = new OracleSocket(server.url, server.publishableKey, '2.0.0')
  await socket.open()
  await socket.join('realtime:any', await world.tokenFor(ada.id), [
    { event: 'INSERT', schema: 'public', table: 'notes' },
  ])
  await sql`alter system set max_slot_wal_keep_size = '1MB'`
  await sql`select pg_reload_conf()`
  // The question who may see the note waits for this lock, and everything that comes after it waits too.
  let ended: Promise<unknown> = Promise.resolve()
  await sql.begin(async (locked) => {
    await locked`lock table private.room_access in access exclusive mode`
    await note()
    await expect
      .poll(
        async () => {
          await sql`select pg_logical_emit_message(false, 'filler', repeat('x', 1000000)), pg_switch_wal()`
          const [slot] = await sql`select wal_status from pg_replication_slots`
          return slot?.wal_status
        },
        { timeout: 60_000, interval: 50 },
      )
      .toMatch(/unreserved|lost/)
    // Takes the slot from its reader, and waits until that has let go of it: not before it reads on.
    ended = sql`checkpoint`.execute()
    await expect
      .poll(
        () => sql`select from pg_stat_activity where wait_event in ('ReplicationSlotDrop', 'CheckpointDone')`,
      )
      .not.toHaveLength(0)
  })
  await ended
  await socket.gone
  expect(socket.closeCode).toBe(1012)
  await sql`alter system reset max_slot_wal_keep_size`
  await sql`select pg_reload_conf()`
  await expect
    .poll(() => sql`select from pg_replication_slots where active`, { timeout: 20_000 })
    .toHaveLength(1)
  const { ids } = await listening()
  const last = await note()
  await expect.poll(ids).toContain(last)
}, 120_000)

// Last: pools of the test itself are shaken by it.
test.each(['checkpointer', 'walsender', 'postmaster'])(
  'G02: the database loses its %s by kill -9: sockets stay, and everything that was committed arrives once',
  async (victim) => {
    const { channel, ids } = await listening()
    const before = await note()
    await expect.poll(ids).toEqual([before])
    const pidOf = async (type: string) => {
      const [found] = await world.sql<{ pid: number }[]>`
        select pid from pg_stat_activity where backend_type = ${type}`.catch(() => [])
      return found?.pid
    }
    const [pid, checkpointer] = [await pidOf(victim), await pidOf('checkpointer')]
    process.kill((victim === 'postmaster' ? world.server.database.pid() : pid) ?? 0, 'SIGKILL')
    // The postmaster answers the death of any of its processes with a restart of all of them, but not at once.
    await expect
      .poll(() => pidOf('checkpointer'), { timeout: 20_000 })
      .toSatisfy((now) => now !== undefined && now !== checkpointer)
    const after = [await note(), await note()]
    await expect.poll(ids, { timeout: 20_000 }).toEqual([before, ...after])
    expect(channel.state).toBe('joined')
  },
  60_000,
)
