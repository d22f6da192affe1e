import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listMigrations } from '../../backend/postgres/migrate'
import { splitStatements } from '../../backend/postgres/split-statements'
import { startTestDatabase, type TestDatabase } from '../../backend/testing/server'

// Every migration as `supabase db push` applies it to a new project: as `postgres`, who is no superuser there and since
// April 2025 no member of the services' roles either. What is left to it in their schemas is the rows of the tables, foreign
// keys, triggers, and policies on the tables listed below, which Supabase's own extension makes on its behalf.
// https://github.com/orgs/supabase/discussions/34270

const folder = fileURLToPath(new URL('../migrations', import.meta.url))
const POLICY_TABLES = new Set([
  'auth.audit_log_entries',
  'auth.identities',
  'auth.refresh_tokens',
  'auth.sessions',
  'auth.users',
  'realtime.messages',
  'storage.buckets',
  'storage.objects',
  'storage.s3_multipart_uploads',
  'storage.s3_multipart_uploads_parts',
])
const POLICY =
  /^(?:create|alter|drop)\s+policy\s+(?:if\s+exists\s+)?\w+\s+on\s+((?:auth|storage|realtime)\.\w+)/i

const OWNERS = 'supabase_auth_admin, supabase_storage_admin, supabase_realtime_admin'
const AS_ON_SUPABASE = `
  revoke ${OWNERS} from postgres;
  revoke all on schema auth, storage, realtime from postgres;
  grant usage on schema auth, storage, realtime to postgres;
  grant all on all tables in schema auth, storage to postgres;
  grant select, insert, update, delete on realtime.messages to postgres;
  grant execute on all functions in schema auth, storage, realtime to postgres;
`

let database: TestDatabase
let owner: postgres.Sql
beforeAll(async () => {
  database = await startTestDatabase({ migrationsDir: null })
  await database.admin.unsafe(AS_ON_SUPABASE).simple()
  owner = database.connect('postgres', { max: 1 })
})
afterAll(async () => {
  await owner?.end()
  await database?.stop()
})

/** Whether a statement makes policies on tables of the services; a block may make them one by one. */
function makesPolicies(text: string): boolean {
  const table = POLICY.exec(text)?.[1]
  return table
    ? POLICY_TABLES.has(table)
    : /^do\s[^;]*?\$/i.test(text) && /\b(create|alter|drop) policy\b/i.test(text)
}

/** Applies a file; for what makes policies, the rights of the tables' owners are lent, as Supabase's extension does. */
async function push(sql: string): Promise<void> {
  for (const { text, line } of splitStatements(sql)) {
    const lent = makesPolicies(text)
    if (lent) await database.admin.unsafe(`grant ${OWNERS} to postgres`)
    const failed = await owner
      .unsafe(text)
      .simple()
      .then(
        () => null,
        (error: Error) => error,
      )
    if (lent) await database.admin.unsafe(`revoke ${OWNERS} from postgres`)
    if (failed) throw new Error(`line ${line}: ${failed.message}: ${text.slice(0, 200)}`)
  }
}

test.each([
  ['a table of Auth is not ours to change', 'alter table auth.users add column nickname text'],
  ['nothing is made in the schemas of the services', 'create function auth.mine() returns int return 1'],
  ['nor is their table', "comment on table realtime.messages is 'mine'"],
  ['nor a policy where no policies are made', 'create policy p on realtime.schema_migrations for select'],
  ['nothing is done as one of their roles', 'set role supabase_auth_admin'],
])('%s', async (_what, statement) => {
  await expect(push(statement)).rejects.toThrow(/must be owner|permission denied|does not exist/)
})

test('every migration can be pushed, and a person who signs up has a profile', async () => {
  for (const { file } of await listMigrations(folder)) {
    const sql = await readFile(join(folder, file), 'utf8')
    await expect(push(sql), file).resolves.toBeUndefined()
  }
  await database.auth`
    insert into auth.users (id, email, raw_user_meta_data)
    values ('11111111-1111-4111-8111-111111111111', 'ada@example.test', '{"display_name": "Ada"}')`
  expect(await database.admin`select display_name from public.profiles`).toEqual([{ display_name: 'Ada' }])
})
