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
    await database.admin`select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = 'test_slot'`
  }
  await vi.waitFor(() => expect(seen).toHaveLength(5), { timeout: 10_000 })
  expect(news().map((row) => Array.isArray(row) && row[0])).toEqual(['10', '11', '12', '13', '14'])
})

test('the confirmed position follows, so that WAL is not kept for a slot with nothing to do', async () => {
  const before = await database.admin`select pg_current_wal_lsn()::text as lsn`
  await database.admin`create table public.unrelated as select generate_series(1, 1000)`
  await vi.waitFor(
    async () => {
      const [row] = await database.admin`
        select confirmed_flush_lsn > ${before[0]?.lsn}::pg_lsn as moved from pg_replication_slots where slot_name = 'test_slot'`
      expect(row?.moved).toBe(true)
    },
    { timeout: 20_000, interval: 200 },
  )
})
