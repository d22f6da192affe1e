import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../testing/server'

let database: TestDatabase

beforeAll(async () => {
  database = await startTestDatabase({ migrationsDir: null })
  const owner = database.connect('postgres', { max: 1 })
  await owner.unsafe(`
    create table public.members (user_id uuid, room text);
    grant select on public.members to authenticated;
    create policy hear on realtime.messages for select to authenticated using (
      extension = 'broadcast' and exists (
        select 1 from public.members m where m.user_id = (select auth.uid()) and 'room:' || m.room = realtime.topic()));
    create policy speak on realtime.messages for insert to authenticated with check (
      extension = 'broadcast' and realtime.topic() = 'room:open');
    insert into public.members values ('00000000-0000-4000-8000-00000000000a', 'a');
  `)
  await owner.end()
})
afterAll(() => database.stop())

const ada = JSON.stringify({ sub: '00000000-0000-4000-8000-00000000000a', role: 'authenticated' })

const authorize = async (topic: string, role: string, claims: string) =>
  (await database.api`select * from realtime.authorize(${topic}, ${role}, ${claims})`)[0]

test('policies on realtime.messages decide who hears and speaks on a private topic', async () => {
  const nothing = {
    hear_broadcast: false,
    hear_presence: false,
    speak_broadcast: false,
    speak_presence: false,
  }
  expect(await authorize('room:a', 'authenticated', ada)).toEqual({ ...nothing, hear_broadcast: true })
  expect(await authorize('room:b', 'authenticated', ada)).toEqual(nothing)
  expect(await authorize('room:open', 'authenticated', ada)).toEqual({ ...nothing, speak_broadcast: true })
  expect(await authorize('room:a', 'anon', '{"role":"anon"}')).toEqual(nothing)
  expect(await authorize('room:b', 'service_role', '{"role":"service_role"}')).toEqual({
    hear_broadcast: true,
    hear_presence: true,
    speak_broadcast: true,
    speak_presence: true,
  })
  expect(await database.admin`select 1 from realtime.messages`).toEqual([])
})

test('a query is answered as each of many people, and one that raises harms nobody', async () => {
  const [row] = await database.api`select realtime.decide(
    ${`select case when (select auth.uid()) is null then 1 / (random() * 0)::int = 0 else exists (select 1 from public.members where user_id = (select auth.uid()) and room = $1[1]) end`},
    ${['a']}, 'authenticated', ${[ada, '{"role":"authenticated"}', ada.replace('00a', '00b')]}) as answers`
  expect(row?.answers).toBe('txf')
  expect(await database.api`select current_user as name`).toEqual([{ name: 'authenticator' }])
})

test('nobody but the service may put these questions', async () => {
  for (const role of ['anon', 'authenticated', 'service_role']) {
    await expect(
      database.api.begin(async (sql) => {
        await sql`select set_config('role', ${role}, true)`
        await sql`select realtime.place_probe('x')`
      }),
    ).rejects.toThrow(/permission denied/)
  }
})
