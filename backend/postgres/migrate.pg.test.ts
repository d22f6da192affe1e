import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type postgres from 'postgres'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../testing/server'
import { migrate } from './migrate'

let database: TestDatabase
let owner: postgres.Sql
let folder: string

beforeAll(async () => {
  database = await startTestDatabase({ migrationsDir: null })
  owner = database.connect('postgres', { max: 3 })
})
afterAll(async () => {
  await owner?.end()
  await database?.stop()
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ec-migrations-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
  await owner`drop schema if exists supabase_migrations cascade`
  await owner.unsafe('drop schema public cascade; create schema public')
})

const write = (files: Record<string, string>) =>
  Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(folder, name), content)))

test('files are applied in order, once, and recorded as the supabase CLI does', async () => {
  await write({
    '20260102000000_second.sql': 'alter table public.notes add column body text; -- done',
    '20260101000000_first.sql': 'begin;\ncreate table public.notes (id int);\ncommit;',
    'notes.md': 'no migration',
  })
  expect(await migrate(owner, folder)).toEqual(['20260101000000', '20260102000000'])
  expect(await migrate(owner, folder)).toEqual([])
  expect(await owner`select * from supabase_migrations.schema_migrations order by version`).toEqual([
    { version: '20260101000000', name: 'first', statements: ['create table public.notes (id int)'] },
    {
      version: '20260102000000',
      name: 'second',
      statements: ['alter table public.notes add column body text'],
    },
  ])
  const [table] = await owner`select tableowner from pg_tables where tablename = 'notes'`
  expect(table).toEqual({ tableowner: 'postgres' })
})

test('a failing file leaves nothing behind, and those before it stay', async () => {
  await write({
    '1_good.sql': 'create table public.good (id int)',
    '2_bad.sql': 'create table public.bad (id int);\n-- why\ninsert into public.good\nvalues (1, 2);',
    '3_later.sql': 'create table public.later (id int)',
  })
  await expect(migrate(owner, folder)).rejects.toThrow(
    `${join(folder, '2_bad.sql')}:4: INSERT has more expressions than target columns (42601). Nothing of this file was applied. Statement: insert into public.good values (1, 2)`,
  )
  expect(await owner`select tablename from pg_tables where schemaname = 'public'`).toEqual([
    { tablename: 'good' },
  ])
  await write({ '2_bad.sql': 'create table public.mended (id int)' })
  expect(await migrate(owner, folder)).toEqual(['2', '3'])
})

test('settings of one file do not reach the next', async () => {
  await write({ '1_path.sql': 'set search_path = pg_catalog', '2_table.sql': 'create table notes (id int)' })
  await migrate(owner, folder)
  expect(await owner`select schemaname from pg_tables where tablename = 'notes'`).toEqual([
    { schemaname: 'public' },
  ])
})

test('two servers that start at once apply each file once', async () => {
  await write({ '1_slow.sql': 'select pg_sleep(0.3); create table public.once (id int)' })
  const applied = await Promise.all([migrate(owner, folder), migrate(owner, folder)])
  expect(applied.flat()).toEqual(['1'])
})

test('two files of one version are refused before anything is applied', async () => {
  await write({ '1_a.sql': 'create table public.a (id int)', '1_b.sql': 'select 1' })
  await expect(migrate(owner, folder)).rejects.toThrow('1_a.sql and 1_b.sql have the same version')
  expect(await owner`select 1 from pg_tables where schemaname = 'public'`).toEqual([])
})

test('the supabase CLI sees what was applied, and what it pushes counts as applied here', async () => {
  const workdir = join(folder, 'project')
  const migrations = join(workdir, 'supabase', 'migrations')
  await mkdir(migrations, { recursive: true })
  await writeFile(join(migrations, '20260101000000_first.sql'), 'create table public.first (id int);')
  await migrate(owner, migrations)
  await writeFile(join(migrations, '20260102000000_second.sql'), 'create table public.second (id int);')
  await cli('db', 'push', '--yes', `--remote=${database.url()}`, '--workdir', workdir)
  const listed = await cli(
    ...['migration', 'list', `--remote=${database.url()}`, '--workdir', workdir, '--output-format=json'],
  )
  expect(JSON.parse(listed).migrations).toMatchObject([
    { local: '20260101000000', remote: '20260101000000' },
    { local: '20260102000000', remote: '20260102000000' },
  ])
  expect(await migrate(owner, migrations)).toEqual([])
  const tables =
    await owner`select tablename, tableowner from pg_tables where schemaname = 'public' order by 1`
  expect(tables).toEqual([
    { tablename: 'first', tableowner: 'postgres' },
    { tablename: 'second', tableowner: 'postgres' },
  ])
})

async function cli(...args: string[]): Promise<string> {
  const program = createRequire(import.meta.url).resolve('supabase/dist/supabase.js')
  return (await promisify(execFile)(process.execPath, [program, ...args])).stdout
}
