import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'
import pino from 'pino'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../../testing/server'
import { WalStream } from './stream'
import type { Transaction } from './transaction'

let database: TestDatabase
let stream: WalStream
const seen: Transaction[] = []

beforeAll(async () => {
  database = await startTestDatabase({ migrationsDir: null })
  await database.admin.unsafe(`
    create table public.notes (id int primary key, body text, at timestamptz, amount numeric);
    alter publication supabase_realtime add table public.notes;
  `)
  // As a run leaves them behind that could not end in order.
  for (const name of ['test_slot', 'test_slot_17'])
    await database.admin`select pg_create_logical_replication_slot(${name}, 'pgoutput')`
  stream = new WalStream({
    url: database.url('supabase_admin'),
    admin: database.admin,
    log: pino({ level: 'silent' }),
    slot: 'test_slot',
    publications: ['supabase_realtime'],
    onTransaction: (transaction) => void seen.push(transaction),
    onLoss: () => {},
  })
  await stream.start()
})
afterAll(async () => {
  await stream.stop()
  await database.stop()
})

test('G08: slots that earlier runs left behind are gone', async () => {
  const slots =
    await database.admin`select slot_name like 'test_slot_%' and active as ours from pg_replication_slots`
  expect(slots).toEqual([{ ours: true }])
})

const news = () => seen.flatMap(({ steps }) => steps.map((step) => ('new' in step ? step.new : step)))

test('committed changes arrive in commit order, with values as PostgreSQL prints them', async () => {
  seen.length = 0
  await database.admin`insert into notes values (1, ${'\ufeffhello'}, '2026-01-02 03:04:05.123456+02', 1.50)`
  await database.admin.begin(async (sql) => {
    await sql`update notes set body = 'two' where id = 1`
    await sql`select pg_logical_emit_message(true, 'p', 'text')`
    await sql`delete from notes`
  })
  await expect.poll(() => seen.length).toBe(2)
  expect(news()).toEqual([
    ['1', '\ufeffhello', '2026-01-02 01:04:05.123456+00', '1.50'],
    ['1', 'two', '2026-01-02 01:04:05.123456+00', '1.50'],
    { tag: 'message', prefix: 'p', content: 'text' },
    null,
  ])
})

test('nothing is lost and nothing comes twice when the reader is cut off', async () => {
  seen.length = 0
  for (let i = 10; i < 15; i++) {
    await database.admin`insert into notes (id) values (${i})`
    await database.admin`select pg_terminate_backend(active_pid) from pg_replication_slots `
  }
  await vi.waitFor(() => expect(seen).toHaveLength(5), { timeout: 10_000 })
  expect(news().map((row) => Array.isArray(row) && row[0])).toEqual(['10', '11', '12', '13', '14'])
})

test('G08: the confirmed position follows, so that WAL is not kept for a slot with nothing to do', async () => {
  const before = await database.admin`select pg_current_wal_lsn()::text as lsn`
  await database.admin`create table public.unrelated as select generate_series(1, 1000)`
  await vi.waitFor(
    async () => {
      const [row] = await database.admin`
        select confirmed_flush_lsn > ${before[0]?.lsn}::pg_lsn as moved from pg_replication_slots`
      expect(row?.moved).toBe(true)
    },
    { timeout: 20_000, interval: 200 },
  )
})

test('what is read and not yet handed over is counted, with its age', async () => {
  let letGo = () => {}
  const slow = new WalStream({
    ...{ url: database.url('supabase_admin'), admin: database.admin, log: pino({ level: 'silent' }) },
    ...{ slot: 'slow_slot', publications: ['supabase_realtime'] },
    onTransaction: () =>
      new Promise<void>((resolve) => {
        letGo = resolve
      }),
    onLoss: () => {},
  })
  await slow.start()
  expect(slow.queue).toEqual({ events: 0, seconds: 0 })
  // How much is read beside what is being handed over is the connection's affair: it pauses after each chunk.
  for (let id = 20; id < 23; id++) await database.admin`insert into notes (id) values (${id})`
  await vi.waitFor(() => expect(slow.queue.events).toBeGreaterThan(0), { timeout: 10_000 })
  const { seconds } = slow.queue
  await vi.waitFor(() => expect(slow.queue.seconds).toBeGreaterThan(seconds))
  await vi.waitFor(() => {
    letGo()
    expect(slow.queue).toEqual({ events: 0, seconds: 0 })
  })
  await slow.stop()
})

test('a transaction of 400 MB comes in parts, and the memory does not hold it', async () => {
  seen.length = 0
  let rows = 0
  let most = 0
  const count = setInterval(() => {
    rows += seen.splice(0).reduce((sum, { steps }) => sum + steps.length, 0)
    most = Math.max(most, process.memoryUsage().rss)
  }, 5)
  const before = process.memoryUsage().rss
  await database.admin`insert into notes (id, body) select i, repeat('x', 4000) from generate_series(1000, 100999) i`
  await vi.waitFor(() => expect(rows).toBe(100_000), { timeout: 110_000, interval: 50 })
  clearInterval(count)
  expect((most - before) / 1_048_576).toBeLessThan(250)
}, 120_000)

test('G07: a database that vanishes without a word is found again, and nothing is lost', async () => {
  const socketFolder = new URL(database.url()).searchParams.get('host') ?? ''
  const open = new Set<Socket>()
  let mute = false
  let calls = 0
  const proxy = createServer((client) => {
    calls += 1
    const server = connect(`${socketFolder}/.s.PGSQL.5432`)
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      open.add(from)
      const muted = () => mute
      from
        .on('data', (data) => muted() || to.write(data))
        .on('error', () => {})
        .on('close', () => to.destroy())
    }
  }).listen(0, '127.0.0.1')
  await vi.waitFor(() => expect(proxy.address()).not.toBeNull())
  const url = new URL(database.url('supabase_admin'))
  url.search = ''
  url.hostname = '127.0.0.1'
  url.port = String((proxy.address() as AddressInfo).port)
  const heard: string[] = []
  const far = new WalStream({
    ...{ url: String(url), admin: database.admin, log: pino({ level: 'silent' }) },
    ...{ slot: 'far_slot', publications: ['supabase_realtime'], statusMs: 100, silenceMs: 1_500 },
    onTransaction: ({ steps }) => {
      for (const step of steps) if ('new' in step) heard.push(String(step.new?.[1]))
    },
    onLoss: () => heard.push('lost'),
  })
  await far.start()
  await database.admin`insert into notes (id, body) values (1, 'before')`
  await vi.waitFor(() => expect(heard).toEqual(['before']), { timeout: 20_000 })
  mute = true
  await database.admin`insert into notes (id, body) values (2, 'meanwhile')`
  // The connection is given up, and so is one that is tried meanwhile.
  await vi.waitFor(() => expect(calls).toBeGreaterThan(2), { timeout: 40_000 })
  mute = false
  await vi.waitFor(() => expect(heard).toEqual(['before', 'meanwhile']), { timeout: 20_000 })
  await far.stop()
  for (const each of open) each.destroy()
  proxy.close()
}, 90_000)
