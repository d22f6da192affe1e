import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../../backend/testing/server'

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database.stop())

/** Whoever is subscribed to a table hears which row was deleted, of whomever it was: nobody can be asked about a row that is gone. */
test('B05: a deletion tells ids, and nothing else', async () => {
  const told = await database.admin<{ table: string; columns: string[] }[]>`
    select c.relname as table, array_agg(a.attname || ' ' || format_type(a.atttypid, null) order by a.attnum) as columns
    from pg_publication_tables p
    join pg_class c on c.oid = format('%I.%I', p.schemaname, p.tablename)::regclass
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where p.pubname = 'supabase_realtime' and (
      c.relreplident = 'f' or exists (
        select from pg_index i where i.indrelid = c.oid and a.attnum = any (i.indkey)
          and (c.relreplident = 'd' and i.indisprimary or c.relreplident = 'i' and i.indisreplident)))
    group by c.relname`
  expect(Object.fromEntries(told.map(({ table, columns }) => [table, columns]))).toEqual({
    channel_members: ['channel_id uuid', 'user_id uuid'],
    channels: ['id uuid'],
    drafts: ['id uuid'],
    messages: ['id uuid'],
    profiles: ['id uuid'],
    read_states: ['user_id uuid', 'channel_id uuid'],
    workspace_members: ['workspace_id uuid', 'user_id uuid'],
    workspaces: ['id uuid'],
  })
})
