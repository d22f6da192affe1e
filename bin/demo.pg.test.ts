import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { verify } from '@node-rs/bcrypt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../backend/testing/server'

const run = promisify(execFile)
const script = fileURLToPath(new URL('demo.mjs', import.meta.url))

let database: TestDatabase
let output: string
const demo = () => run(process.execPath, [script], { env: { ...process.env, DATABASE_URL: database.url() } })

beforeAll(async () => {
  database = await startTestDatabase()
  output = (await demo()).stdout
}, 120_000)
afterAll(() => database.stop())

test('fills a workspace that holds together', async () => {
  const [count] = await database.admin`
    select (select count(*)::int from profiles) as people, (select count(*)::int from channels) as channels,
      (select count(*)::int from messages) as messages,
      (select count(*)::int from messages where deleted_at is not null) as deleted`
  expect(count?.people).toBeGreaterThanOrEqual(12)
  expect(count?.channels).toBeGreaterThanOrEqual(20)
  expect(count?.messages).toBeGreaterThan(2000)
  expect(count?.deleted).toBeGreaterThan(0)
  // Dense numbers, times in their order, nothing in the future.
  const wrong = await database.admin`
    select h.channel_id from channel_heads h
    where h.last_seq <> (select count(*) from messages m where m.channel_id = h.channel_id and m.seq is not null)
      or exists (select from messages m where m.channel_id = h.channel_id and m.created_at > now())
      or exists (
        select from (select created_at, lag(created_at) over (order by seq) as before from messages m
          where m.channel_id = h.channel_id and m.seq is not null) pairs
        where before > created_at)`
  expect(wrong).toEqual([])
})

test('prints who can sign in and with what', async () => {
  const password = /Password {2}(\S+)/.exec(output)?.[1] ?? ''
  const people = [...output.matchAll(/(\S+@northwind\.example) +(\w+)/g)].map(([, email, role]) => ({
    email,
    role,
  }))
  expect(people).toContainEqual({ email: 'ines.carvalho@northwind.example', role: 'owner' })
  const accounts = await database.admin`select email, encrypted_password as hash from auth.users`
  expect(people.map(({ email }) => email).sort()).toEqual(accounts.map(({ email }) => email).sort())
  expect(await verify(password, accounts[0]?.hash)).toBe(true)
})

test('refuses a second time and changes nothing', async () => {
  await expect(demo()).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('already here') })
})
