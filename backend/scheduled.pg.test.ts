import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Logger } from './log'
import { runScheduled } from './scheduled'
import { startTestDatabase, type TestDatabase } from './testing/server'

let database: TestDatabase
let sql: ReturnType<TestDatabase['connect']>
const warn = vi.fn()
const log = { warn } as unknown as Logger

beforeAll(async () => {
  database = await startTestDatabase({ migrationsDir: null })
  sql = database.connect('postgres', { max: 1 })
  await sql.unsafe(`
    create schema jobs;
    create table jobs.calls (name text);
    create function jobs.a_fails() returns void language plpgsql as $$ begin raise 'not today'; end $$;
    create function jobs."B counts"(most int default 3) returns void language sql
      as $$ insert into jobs.calls select 'counts to ' || most $$;
    create function jobs.c_asks(most int) returns void language sql as $$ insert into jobs.calls values ('asks') $$;
    create function jobs.d_rests() returns void language sql as $$ insert into jobs.calls values ('rests') $$;
    comment on function jobs.a_fails is 'Always. @scheduled';
    comment on function jobs."B counts" is 'As far as it is told. @scheduled';
    comment on function jobs.c_asks is 'Cannot be called without an argument. @scheduled';
    comment on function jobs.d_rests is 'Is @scheduledly nothing.';`)
  await database.admin.unsafe(`
    create function jobs.e_intrudes() returns void language sql as $$ insert into jobs.calls values ('intrudes') $$;
    comment on function jobs.e_intrudes is 'Of another owner. @scheduled'`)
})
afterAll(async () => {
  await sql?.end()
  await database?.stop()
})

test('what is scheduled is called, also after one that fails; nothing else is', async () => {
  expect(await runScheduled(sql, log)).toEqual(['jobs."B counts"'])
  expect(await sql`select name from jobs.calls`).toEqual([{ name: 'counts to 3' }])
  expect(warn).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ function: 'jobs.a_fails' }),
    expect.any(String),
  )
})
