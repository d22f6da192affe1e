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

test('what the server itself could not do is no answer about rights; what a policy raises is', async () => {
  const owner = database.connect('postgres', { max: 1 })
  const failWith = (code: string) =>
    owner.unsafe(`create or replace function public.fail() returns boolean language plpgsql as $$
      begin raise exception 'policy' using errcode = '${code}'; end $$`)
  try {
    await failWith('P0001')
    await owner.unsafe(`
      create policy hear_failing on realtime.messages for select to authenticated using (
        realtime.topic() = 'failing' and public.fail());
      create policy speak_failing on realtime.messages for insert to authenticated with check (
        realtime.topic() in ('failing', 'half failing') and public.fail())`)
    const decide = () =>
      database.api`select realtime.decide('select public.fail()', '{}', 'authenticated', ${[ada]}) as answers`
    const asked = () => [
      authorize('failing', 'authenticated', ada),
      authorize('half failing', 'authenticated', ada),
      decide(),
    ]
    for (const code of ['P0001', '22012', '42501']) {
      await failWith(code)
      const [whole, half, rows] = await Promise.all(asked())
      for (const rights of [whole, half])
        expect(Object.values(rights ?? {}), code).toEqual([false, false, false, false])
      expect(rows, code).toEqual([{ answers: 'x' }])
    }
    for (const code of ['40001', '40P01', '53200', '55P03', '57014', '58030', 'XX000']) {
      await failWith(code)
      for (const answer of await Promise.allSettled(asked())) {
        expect(answer, code).toMatchObject({ status: 'rejected', reason: { code } })
      }
    }
  } finally {
    await owner.unsafe(`
      drop policy if exists hear_failing on realtime.messages;
      drop policy if exists speak_failing on realtime.messages;
      drop function if exists public.fail`)
    await owner.end()
  }
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
