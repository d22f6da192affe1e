import { describe, expect, test } from 'vitest'
import { arrived, collect, joined, realtimeWorld, VERSIONS } from './realtime-client'

const world = realtimeWorld({ maxBufferedBytes: 400_000 })

const since = (replay: Record<string, unknown>) => ({
  config: { private: true, broadcast: { replay: replay as { since: number } } },
})
const send = (event: string, room: number, isPrivate = true) =>
  world.sql`select realtime.send(jsonb_build_object('event', ${event}::text), ${event}, ${`room:${room}`}, ${isPrivate})`

describe.each(VERSIONS)('replay, vsn %s', (vsn) => {
  const listen = async (room: number, replay: Record<string, unknown>, rooms = [room]) => {
    const { supabase } = await world.person(rooms, vsn)
    const { seen, add } = collect()
    const channel = supabase.channel(`room:${room}`, since(replay)).on('broadcast', { event: '*' }, add)
    await joined(channel)
    return seen
  }
  const room = vsn === '1.0.0' ? 10 : 20

  test('who was away hears again what was sent from SQL since then, oldest first and once', async () => {
    await send('before', room)
    const [{ at } = { at: 0 }] = await world.sql<{ at: number }[]>`
      select (extract(epoch from clock_timestamp()) * 1000)::float8 as at, pg_sleep(0.002)`
    await world.sql.begin(async (sql) => {
      for (const event of ['first', 'second'])
        await sql`select realtime.send(${sql.json({ event })}, ${event}, ${`room:${room}`})`
    })
    await send('public', room, false)
    await send('elsewhere', room + 1)
    const seen = await listen(room, { since: Math.ceil(at) }, [room, room + 1])
    await arrived(seen, 2)
    await send('live', room)
    await arrived(seen, 3)
    expect(seen.map(({ event }) => event)).toEqual(['first', 'second', 'live'])
    const [first, , live] = seen
    expect(first).toEqual({
      type: 'broadcast',
      event: 'first',
      payload: { event: 'first', id: first.meta.id },
      meta: { replayed: true, id: first.meta.id },
    })
    expect(live.meta).toEqual({ id: live.payload.id })
  })

  test('the newest are told, as many as were asked for and at most 25', async () => {
    const topic = `room:${room + 2}`
    await world.sql`select realtime.send('{}', n::text, ${topic}) from generate_series(1, 30) n`
    const events = (seen: { event: string }[]) => seen.map(({ event }) => Number(event))
    const two = await listen(room + 2, { since: 0, limit: 2 })
    await arrived(two, 2)
    expect(events(two)).toEqual([29, 30])
    const all = await listen(room + 2, { limit: 1000 })
    await arrived(all, 25)
    expect(events(all)).toEqual(Array.from({ length: 25 }, (_, i) => i + 6))
  })

  test('what is committed while people join arrives once, in order, with no gap', async () => {
    const topic = `room:${room + 3}`
    let stopped = false
    let last = 0
    const writing = (async () => {
      while (!stopped) await world.sql`select realtime.send('{}', ${String(++last)}, ${topic})`
    })()
    try {
      for (let round = 0; round < 8; round++) {
        const seen = await listen(room + 3, { since: 0, limit: 25 })
        await expect.poll(() => seen.length, { timeout: 5_000 }).toBeGreaterThan(60)
        const numbers = seen.map(({ event }) => Number(event))
        const from = numbers[0] ?? 0
        expect(numbers).toEqual(numbers.map((_, i) => from + i))
      }
    } finally {
      stopped = true
      await writing
    }
  })

  test.each([
    [{ since: 'yesterday' }, 'UnableToReplayMessages: Replay params are not valid'],
    [{ since: 1.5 }, 'UnableToReplayMessages: Replay params are not valid'],
    [{ since: 1e18 }, 'UnableToReplayMessages: Replay params are not valid'],
    [{ since: 0, limit: 'all' }, 'UnableToReplayMessages: Replay params are not valid'],
  ])('a join that asks for %j is refused', async (replay, reason) => {
    await expect(listen(room, replay)).rejects.toThrow(reason)
  })

  test('a stranger is told no more than that the topic is not theirs', async () => {
    await send('hidden', room)
    for (const replay of [{ since: 0 }, { since: 'x' }]) {
      await expect(listen(room, replay, [1])).rejects.toThrow(
        `Unauthorized: You do not have permissions to read from this Channel topic: room:${room}`,
      )
    }
  })

  test('a public channel has nothing to replay', async () => {
    const supabase = world.client(vsn)
    const channel = supabase.channel('public')
    channel.updateJoinPayload({ config: { broadcast: { replay: { since: 0 } } } })
    channel.params.config.broadcast = { replay: { since: 0 } }
    await expect(joined(channel)).rejects.toThrow(
      'UnableToReplayMessages: Replay is not allowed for public channels',
    )
  })

  test('what clients send is not kept', async () => {
    const { supabase } = await world.person([room + 4], vsn)
    const channel = await joined(
      supabase.channel(`room:${room + 4}`, { config: { private: true, broadcast: { ack: true } } }),
    )
    expect(await channel.send({ type: 'broadcast', event: 'socket', payload: {} })).toBe('ok')
    await channel.httpSend('rest', {})
    await send('kept', room + 4)
    const seen = await listen(room + 4, { since: 0 })
    await arrived(seen, 1)
    expect(seen[0].event).toBe('kept')
  })
})

test('bytes are replayed as bytes, and left out for older clients', async () => {
  await world.sql`select realtime.send_binary('\\x00ff', 'bytes', 'room:50')`
  await send('text', 50)
  const at = async (vsn: '1.0.0' | '2.0.0') => {
    const { supabase } = await world.person([50], vsn)
    const { seen, add } = collect()
    await joined(supabase.channel('room:50', since({ since: 0 })).on('broadcast', { event: '*' }, add))
    return seen
  }
  const [newer, older] = [await at('2.0.0'), await at('1.0.0')]
  await arrived(newer, 2)
  expect(new Uint8Array(newer[0].payload)).toEqual(new Uint8Array([0, 255]))
  expect(newer[0].meta).toEqual({ replayed: true, id: expect.any(String) })
  await arrived(older, 1)
  expect(older[0].event).toBe('text')
})

test('a replay of large messages does not end the connection: the newest that fit are told', async () => {
  for (const event of ['1', '2', '3', '4']) {
    await world.sql`select realtime.send(jsonb_build_object('text', repeat('x', 80000)), ${event}, 'room:51')`
  }
  const { supabase } = await world.person([51])
  const { seen, add } = collect()
  await joined(supabase.channel('room:51', since({ since: 0 })).on('broadcast', { event: '*' }, add))
  await arrived(seen, 2)
  expect(seen.map(({ event }) => event)).toEqual(['3', '4'])
})

describe('realtime.messages', () => {
  test('has partitions from yesterday to three days ahead; older ones than three days are dropped', async () => {
    const days = (from: number, to: number) => world.sql<{ name: string; first: string; next: string }[]>`
      select 'realtime.messages_' || to_char(day, 'YYYY_MM_DD') as name, day::date::text as first, (day::date + 1)::text as next
      from generate_series((now() at time zone 'utc')::date + ${from}::int, (now() at time zone 'utc')::date + ${to}::int,
        interval '1 day') day`
    // A prepared database may be of yesterday and have some of these already.
    for (const { name, first, next } of await days(-5, -2)) {
      await world.sql.unsafe(`create table if not exists ${name} partition of realtime.messages
        for values from ('${first}') to ('${next}')`)
    }
    await world.sql.unsafe(`drop table ${(await days(2, 3)).map(({ name }) => name).join()}`)
    await world.sql`select realtime.maintain_partitions()`
    const found = await world.sql<{ name: string }[]>`
      select inhrelid::regclass::text as name from pg_inherits where inhparent = 'realtime.messages'::regclass order by 1`
    expect(found.map(({ name }) => name)).toEqual((await days(-3, 3)).map(({ name }) => name))
  })

  test('keeps moments in UTC whatever the time zone of a session', async () => {
    const [row] = await world.sql.begin(async (sql) => {
      await sql`set local timezone = 'Pacific/Kiritimati'`
      await sql`select realtime.send('{}', 'zone', 'room:60')`
      return sql`select abs(extract(epoch from inserted_at - (now() at time zone 'utc'))) < 60 as ok
        from realtime.messages where event = 'zone'`
    })
    expect(row?.ok).toBe(true)
  })

  test('an error while sending is a warning, and the caller goes on', async () => {
    const notices: string[] = []
    const sql = world.server.database.connect('supabase_admin', {
      max: 1,
      onnotice: ({ message = '' }) => notices.push(message),
    })
    const [row] = await sql`select realtime.send('[1]', 'e', 'room:1') is not null as went_on`
    await sql`select realtime.send('{}', 'e', null)`
    await sql`select realtime.send_binary('\\x00', 'e', null)`
    await sql.end()
    expect(row?.went_on).toBeDefined()
    expect(notices).toHaveLength(3)
    for (const notice of notices) expect(notice).toMatch(/^WarnSendingBroadcastMessage: /)
  })

  test('who may not speak on a topic sends nothing from SQL either', async () => {
    const { id } = await world.person([99])
    const { id: member } = await world.person([98])
    const as = (sub: string, topic: string) =>
      world.server.database.api.begin(async (sql) => {
        await sql`select set_config('role', 'authenticated', true),
          set_config('request.jwt.claims', ${JSON.stringify({ sub, role: 'authenticated' })}, true)`
        await sql`select realtime.send('{}', 'from a person', ${topic})`
      })
    await as(id, 'room:99')
    await as(member, 'room:98')
    const found = await world.sql`select topic from realtime.messages where event = 'from a person'`
    expect(found.map(({ topic }) => topic)).toEqual(['room:98'])
  })

  test('a trigger tells of rows with broadcast_changes', async () => {
    await world.sql.unsafe(`
      create table public.things (id int primary key, name text);
      create function public.tell() returns trigger language plpgsql security definer set search_path = '' as $$
      begin
        perform realtime.broadcast_changes('room:70', tg_op, tg_op, tg_table_name, tg_table_schema, new, old);
        return null;
      end $$;
      create trigger tell after insert or update or delete on public.things for each row execute function public.tell();`)
    const { supabase } = await world.person([70])
    const { seen, add } = collect()
    await joined(
      supabase.channel('room:70', { config: { private: true } }).on('broadcast', { event: '*' }, add),
    )
    await world.sql`insert into things values (1, 'a')`
    await world.sql`update things set name = 'b'`
    await world.sql`delete from things`
    await arrived(seen, 3)
    const common = { schema: 'public', table: 'things', id: expect.any(String) }
    const [a, b] = [
      { id: 1, name: 'a' },
      { id: 1, name: 'b' },
    ]
    expect(seen.map(({ event, payload }) => [event, payload])).toEqual([
      ['INSERT', { ...common, operation: 'INSERT', record: a, old_record: null }],
      ['UPDATE', { ...common, operation: 'UPDATE', record: b, old_record: a }],
      ['DELETE', { ...common, operation: 'DELETE', record: null, old_record: b }],
    ])
    const wrong = (operation: string, level: string) =>
      world.sql`select realtime.broadcast_changes('t', 'e', ${operation}, 'things', 'public', null::things, null::things, ${level})`
    await expect(wrong('INSERT', 'STATEMENT')).rejects.toThrow(
      'Failed to process the row: function can only be triggered for each row, not for each statement',
    )
    await expect(wrong('TRUNCATE', 'ROW')).rejects.toThrow(
      'Failed to process the row: Unexpected operation type: TRUNCATE',
    )
  })
})
