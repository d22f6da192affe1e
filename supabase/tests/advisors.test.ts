import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../../backend/testing/server'

const run = promisify(execFile)
let database: TestDatabase

beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database?.stop())

/** Supabase's own security and performance checks, down to the mildest level. */
async function advisors(): Promise<{ name: string; detail: string }[]> {
  const { stdout } = await run('npx', [
    ...['supabase', 'db', 'advisors', `--remote=${database.url()}`],
    ...['--type', 'all', '--level', 'info', '--output-format', 'json'],
  ])
  const findings: { name: string; detail: string }[] = JSON.parse(stdout).results
  // In a database that is a second old, every index is unused.
  return findings.filter(({ name }) => name !== 'unused_index')
}

test('control: the advisors see a table without row-level security', async () => {
  await database.admin`create table public.careless (id int primary key)`
  expect(await advisors()).toContainEqual(expect.objectContaining({ name: 'rls_disabled_in_public' }))
  await database.admin`drop table public.careless`
})

test('the advisors have nothing to say', async () => {
  expect(await advisors()).toEqual([])
})
