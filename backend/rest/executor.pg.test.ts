import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../testing/server'
import { fromDatabase } from './errors'
import { createExecutor, type Executor } from './executor'

let database: TestDatabase
let executor: Executor
beforeAll(async () => {
  database = await startTestDatabase({ migrationsDir: null })
  await database.admin.unsafe('create table public.log (text text not null); grant all on public.log to anon')
  const url = database.url('authenticator')
  executor = createExecutor({
    ...{ url, readers: 1, writers: 2, maxWaiting: 3, waitMilliseconds: 5000 },
    onIdleError: () => {},
  })
})
afterAll(async () => {
  await executor?.stop()
  await database?.stop()
})

const step = (text: string, ...values: string[]) => ({ text, values, prepare: true, scope: 'test' })
const asAnon = step("select set_config('role', $1, true)", 'anon')
const logged = async () =>
  (await database.admin`select text from public.log order by text`).map((row) => row.text)
const add = (text: string) => step('insert into public.log values ($1) returning text', text)

test('statements of a batch are one transaction, as the role that the first one sets', async () => {
  const [, rows] = await executor.run({ access: 'write', steps: [asAnon, add('a')] })
  expect(rows).toEqual([['a']])
  const failing = executor.run({
    access: 'write',
    steps: [asAnon, add('b'), step('select 1 / $1::int', '0')],
  })
  await expect(failing).rejects.toMatchObject({ code: '22012' })
  expect(await logged()).toEqual(['a'])
  const [[who]] = (await executor.run({ access: 'write', steps: [step('select current_user::text')] })) as [
    [string[]],
  ]
  expect(who).toEqual(['authenticator'])
})

test('a statement that failed to parse can be sent again', async () => {
  const late = step('select count(*)::text from public.later')
  await expect(executor.run({ access: 'write', steps: [late] })).rejects.toMatchObject({ code: '42P01' })
  await database.admin.unsafe('create table public.later (); grant select on public.later to authenticator')
  for (let i = 0; i < 3; i++)
    expect(await executor.run({ access: 'write', steps: [late] })).toEqual([[['0']]])
})

test('a decision keeps or undoes what was done', async () => {
  await executor.run({ access: 'write', steps: [asAnon, add('kept')], decide: () => true })
  await executor.run({ access: 'write', steps: [asAnon, add('undone')], decide: () => false })
  const refused = executor.run({
    access: 'write',
    steps: [asAnon, add('refused')],
    decide: () => {
      throw new Error('no')
    },
  })
  await expect(refused).rejects.toThrow('no')
  expect(await logged()).toEqual(['a', 'kept'])
})

test('more statements than a connection keeps prepared', async () => {
  for (let i = 0; i < 250; i++) {
    const [rows] = await executor.run({ access: 'read', steps: [step(`select '${i}'`)] })
    expect(rows).toEqual([[String(i)]])
  }
  const [[[count]]] = (await executor.run({
    access: 'read',
    steps: [step('select count(*)::text from pg_prepared_statements')],
  })) as [[[string]]]
  expect(Number(count)).toBeLessThanOrEqual(60)
})

test('who would wait too long is refused at once', async () => {
  const sleep = () => executor.run({ access: 'read', steps: [step('select pg_sleep(0.3)::text')] })
  const results = await Promise.allSettled(Array.from({ length: 6 }, sleep))
  expect(results.filter((r) => r.status === 'fulfilled')).toHaveLength(4)
  const refused = results.filter((r) => r.status === 'rejected').map((r) => r.reason)
  expect(refused).toHaveLength(2)
  expect(refused[0]).toMatchObject({ status: 503, code: 'PGRST003', headers: { 'retry-after': '1' } })
})

test('stopping waits for what is under way; what still waits for its turn is told to come back', async () => {
  const url = database.url('authenticator')
  const brief = createExecutor({
    ...{ url, readers: 1, writers: 1, maxWaiting: 3, waitMilliseconds: 5000 },
    onIdleError: () => {},
  })
  const sleep = () => brief.run({ access: 'read', steps: [step('select pg_sleep(0.3)::text')] })
  const results = Promise.allSettled([sleep(), sleep()])
  await expect
    .poll(
      () =>
        database.admin`select from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'`,
    )
    .toHaveLength(1)
  await brief.stop()
  const [first, second] = await results
  expect(first.status).toBe('fulfilled')
  expect(second.status === 'rejected' && fromDatabase(second.reason, false)).toMatchObject({ status: 503 })
})
