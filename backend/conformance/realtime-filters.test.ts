import { postgresChangesFilter } from '@supabase/supabase-js'
import { beforeAll, describe, expect, test } from 'vitest'
import { arrived, collect, joined, realtimeWorld, VERSIONS } from './realtime-client'
import { joinFrame, rawSockets } from './realtime-raw'

const world = realtimeWorld()
const { open } = rawSockets(world)
beforeAll(async () => {
  await world.sql.unsafe(`
    create table public.items (
      id int primary key, name text, price numeric, sold boolean, made date, state text collate "C", hidden text
    );
    revoke all on public.items from anon, authenticated;
    grant select (id, name, price, sold, made, state) on public.items to anon;
    create table public.full_items (id int primary key, name text);
    alter table public.full_items replica identity full;
    grant select on public.full_items to anon;
    create table public."Odd, table" (id int primary key, "col=umn" text);
    grant select on public."Odd, table" to anon;
    create table public.large (id int primary key, short text, long text);
    grant select on public.large to anon;
    alter publication supabase_realtime add table public.items, public.full_items, public."Odd, table", public.large;
  `)
})

const items = { event: 'INSERT', schema: 'public', table: 'items' } as const
/** Each with the names of the rows it is to find. */
const ROWS = [
  { id: 1, name: 'apple', price: 1.5, sold: true, made: '2026-01-01', state: 'new' },
  { id: 2, name: 'Pear, "green" (ripe)', price: 20, sold: false, made: '2026-02-01', state: null },
  { id: 3, name: null, price: 3, sold: null, made: '2025-01-01', state: 'old' },
] as const
const quoted = '"Pear, \\"green\\" (ripe)"'

const FILTERS: [filter: string, ids: number[]][] = [
  ['', [1, 2, 3]],
  ['id=eq.1', [1]],
  ['id=neq.1', [2, 3]],
  ['id=lt.2', [1]],
  ['id=lte.2', [1, 2]],
  ['id=gt.2', [3]],
  ['id=gte.2', [2, 3]],
  ['price=gt.2.5', [2, 3]],
  ['price=eq.1.50', [1]],
  ['made=gte.2026-01-01', [1, 2]],
  [`name=in.(apple,${quoted})`, [1, 2]],
  [`name=eq.${quoted}`, [2]],
  ['name=like.%pp%', [1]],
  ['name=ilike.PEAR%', [2]],
  ['name=match.^a.*e$', [1]],
  ['name=imatch.^APPLE$', [1]],
  ['name=is.null', [3]],
  ['sold=is.true', [1]],
  ['sold=is.false', [2]],
  ['sold=is.unknown', [3]],
  ['state=isdistinct.new', [2, 3]],
  ['id=not.eq.1', [2, 3]],
  ['id=not.in.(1,3)', [2]],
  ['name=not.is.null', [1, 2]],
  ['name=not.like.%pp%', [2]],
  ['state=not.isdistinct.new', [1]],
  ['name=neq.apple', [2]],
  ['id=gt.0,id=lt.3,sold=is.false', [2]],
]

describe.each(VERSIONS)('filters, vsn %s', (vsn) => {
  test('every operator, negated and combined, finds the rows it should and no others', async () => {
    const channel = world.client(vsn).channel('filters')
    const found = FILTERS.map(([filter]) => {
      const { seen, add } = collect()
      channel.on('postgres_changes', { ...items, filter }, add)
      return seen
    })
    await joined(channel)
    await world.sql`delete from items`
    await world.sql`insert into items ${world.sql([...ROWS])}`
    await arrived(found[0] ?? [], 3)
    const ids = found.map((seen) => seen.map((each) => each.new.id).sort())
    expect(Object.fromEntries(ids.map((each, i) => [FILTERS[i]?.[0], each]))).toEqual(
      Object.fromEntries(FILTERS),
    )
    await channel.unsubscribe()
  })

  test('what the client’s builder writes is understood', async () => {
    const filter = postgresChangesFilter()
      .in('name', ['apple', 'Pear, "green" (ripe)'])
      .not('sold', 'is', true)
    const { seen, add } = collect()
    const channel = await joined(
      world
        .client(vsn)
        .channel('builder')
        .on('postgres_changes', { ...items, filter }, add),
    )
    await world.sql`delete from items`
    await world.sql`insert into items ${world.sql([...ROWS])}`
    await arrived(seen, 1)
    expect(seen[0].new.id).toBe(2)
    await channel.unsubscribe()
  })
})

test.each([
  ['id=approximately.1', /Error parsing `filter` params: /],
  ['id', /Error parsing `filter` params: /],
  ['id=eq.1,,id=eq.2', /Error parsing `filter` params: /],
  ['id=eq.1,', /Error parsing `filter` params: /],
  ['name=eq."open', /Error parsing `filter` params: /],
  ['id=in.1', /Error parsing `filter` params: /],
  ['sold=is.maybe', /Error parsing `filter` params: /],
  [`id=in.(${Array.from({ length: 101 }, (_, i) => i)})`, /too many values for `in`, at most 100/],
  ['missing=eq.1', /invalid column for filter missing/],
  ['hidden=eq.1', /invalid column for filter hidden/],
  ['id=eq.one', /invalid value for filter on id/],
  ['made=gt.yesterdayish', /invalid value for filter on made/],
  ['name=match.(', /Error parsing `filter` params: |invalid pattern for name/],
  ['name=match."["', /invalid pattern for name/],
  ['id=like.1%', /operator like needs a text column/],
  ['name=is.true', /`is.true` needs a boolean column/],
])('the filter %s is refused with a sentence', async (filter, message) => {
  const channel = world
    .client()
    .channel('refused')
    .on('postgres_changes', { ...items, filter }, () => {})
  await expect(joined(channel)).rejects.toThrow(message)
})

test('100 values of `in` are taken', async () => {
  const filter = `id=in.(${Array.from({ length: 100 }, (_, i) => i)})`
  await joined(
    world
      .client()
      .channel('hundred')
      .on('postgres_changes', { ...items, filter }, () => {}),
  )
})

describe('which tables and columns', () => {
  test('`*`, a schema alone and a table alone mean what they say', async () => {
    const { say, messages } = await open()
    const bindings = [
      { event: 'INSERT', schema: '*', table: '*' },
      { event: 'insert', schema: 'public' },
      { event: 'INSERT', table: 'items' },
      { event: 'anything', schema: 'public', table: 'items' },
    ]
    say(joinFrame('realtime:tables', '1', { postgres_changes: [null, ...bindings] }))
    await expect.poll(() => messages.length).toBe(2)
    const echoed = messages[0][4].response.postgres_changes
    expect(echoed).toEqual(bindings.map((binding) => ({ ...binding, id: expect.any(Number) })))
    expect(messages[1][4]).toEqual({
      extension: 'postgres_changes',
      status: 'ok',
      message: 'Subscribed to PostgreSQL',
      channel: 'tables',
    })
    await world.sql`insert into items (id) values (100)`
    await world.sql`insert into large (id) values (100)`
    await world.sql`truncate items`
    await world.sql`update large set short = 'x'`
    await world.sql`insert into large (id) values (101)`
    await expect.poll(() => messages.length).toBe(5)
    const told = messages.slice(2).map((each) => [each[4].data.table, each[4].data.type, each[4].ids.length])
    expect(told).toEqual([
      ['items', 'INSERT', 4],
      ['large', 'INSERT', 2],
      ['large', 'INSERT', 2],
    ])
  })

  test('names that need quotes', async () => {
    const { seen, add } = collect()
    const odd = { event: '*', schema: 'public', table: 'Odd, table', filter: '"col=umn"=eq.x' } as const
    await joined(world.client().channel('odd').on('postgres_changes', odd, add))
    await world.sql`insert into "Odd, table" values (1, 'y'), (2, 'x')`
    await arrived(seen, 1)
    expect(seen[0].new).toEqual({ id: 2, 'col=umn': 'x' })
  })

  test.each([
    [{ select: 'id,name' }, /`select` must be a list of column names/],
    [{ select: ['id', 'nothing'] }, /invalid column for select nothing/],
    [{ select: ['hidden'] }, /invalid column for select hidden/],
    [{ select: ['id'], table: '*' }, /`select` needs a schema and a table/],
    [
      { table: 'nothing' },
      /^Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given connect parameters: \[event: INSERT, schema: public, table: nothing, filters: \[\]\]$/,
    ],
  ])('%j is refused with a sentence', async (more, message) => {
    const channel = world.client().channel('select')
    channel.on('postgres_changes', { ...items, ...more } as never, () => {})
    await expect(joined(channel)).rejects.toThrow(message)
  })

  test('the old row: its key, or all of it where the table says so; deletions are filtered by what is known', async () => {
    const client = world.client()
    const [full, byName, items] = [collect(), collect(), collect()]
    const of = (table: string, filter?: string) =>
      ({ event: '*', schema: 'public', table, ...(filter ? { filter } : {}) }) as const
    await joined(
      client
        .channel('old')
        .on('postgres_changes', of('full_items'), full.add)
        .on('postgres_changes', of('full_items', 'name=eq.b'), byName.add)
        .on('postgres_changes', of('items', 'name=eq.b'), items.add),
    )
    await world.sql`insert into full_items values (1, 'a')`
    await world.sql`update full_items set name = 'b'`
    await world.sql`delete from full_items`
    await world.sql`insert into items (id, name) values (300, 'b')`
    await world.sql`delete from items where id = 300`
    await world.sql`insert into full_items values (2, 'b')`
    await arrived(full.seen, 4)
    await arrived(byName.seen, 3)
    expect(full.seen[1]).toMatchObject({ old: { id: 1, name: 'a' }, new: { id: 1, name: 'b' } })
    expect(full.seen[2]).toMatchObject({ old: { id: 1, name: 'b' }, new: {} })
    expect(byName.seen.map(({ eventType }) => eventType)).toEqual(['UPDATE', 'DELETE', 'INSERT'])
    expect(items.seen.map(({ eventType }) => eventType)).toEqual(['INSERT'])
  })

  test('a row over the limit is told without its long values and with Error 413', async () => {
    const { seen, add } = collect()
    await joined(
      world
        .client()
        .channel('large')
        .on('postgres_changes', { event: 'INSERT', schema: 'public', table: 'large' }, add),
    )
    await world.sql`insert into large values (200, 'short', repeat('x', 1100000))`
    await arrived(seen, 1)
    expect(seen[0]).toMatchObject({
      new: { id: 200, short: 'short' },
      errors: ['Error 413: Payload Too Large'],
    })
    expect(seen[0].new).not.toHaveProperty('long')
  })
})

test('a client of the old API names table and filter in the topic, and hears changes by their type', async () => {
  const { say, messages } = await open(`apikey=${world.server.publishableKey}&vsn=1.0.0`)
  const topic = 'realtime:public:items:id=gt.400'
  say({ topic, event: 'phx_join', ref: '1', payload: {} })
  await expect.poll(() => messages.length).toBe(2)
  expect(messages[0].payload.response.postgres_changes).toEqual([
    { schema: 'public', table: 'items', filter: 'id=gt.400', id: expect.any(Number) },
  ])
  await world.sql`insert into items (id) values (400), (401)`
  await world.sql`update items set name = 'x' where id = 401`
  await expect.poll(() => messages.length).toBe(4)
  expect(messages.slice(2).map(({ event, payload }) => [event, payload.type, payload.record.id])).toEqual([
    ['INSERT', 'INSERT', 401],
    ['UPDATE', 'UPDATE', 401],
  ])
})

test('replication_ready is answered when it is asked for', async () => {
  const told: unknown[] = []
  const channel = world.client().channel('ready', { config: { broadcast: { replication_ready: true } } })
  channel.on('system', {}, (message) => told.push(message))
  await joined(channel)
  await expect
    .poll(() => told)
    .toEqual([
      { extension: 'system', status: 'ok', message: 'Replication connection established', channel: 'ready' },
    ])
})
