import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { personToken, startWorld, type World } from './rest-client'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

/** Asks until the answer is what it should become; a reload or a restart takes its time. */
async function eventually(
  path: string,
  expected: number,
  init: RequestInit & { headers?: Record<string, string> } = {},
) {
  const end = Date.now() + 20_000
  for (;;) {
    const response = await world.http(path, init)
    if (response.status === expected || Date.now() > end) {
      expect(response.status, await response.text()).toBe(expected)
      return
    }
    await response.body?.cancel()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('changes of the schema', () => {
  test('are noticed without a restart', async () => {
    const { admin } = world.server.database
    expect((await world.http('fresh')).status).toBe(404)
    await admin.unsafe('create table public.fresh (id int primary key); grant select on public.fresh to anon')
    await eventually('fresh?select=id', 200)
    await admin.unsafe('alter table public.fresh add column name text')
    await eventually('fresh?select=name', 200)
    await admin.unsafe('alter table public.fresh rename column name to title')
    await eventually('fresh?select=title', 200)
    await eventually('fresh?select=name', 400)
    await admin.unsafe('drop table public.fresh')
    await eventually('fresh', 404)
    await admin.unsafe('create function public.fresh_one() returns int language sql as $$ select 1 $$')
    await eventually('rpc/fresh_one', 200)
    await admin.unsafe("notify pgrst, 'reload schema'")
    await eventually('rpc/fresh_one', 200)
  })
})

describe('G07: a database that is gone', () => {
  test('is 503 at once, and everything works again when it is back', async () => {
    const token = await personToken(world.server, world.people.ada.id)
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const note = { method: 'POST', headers, body: '{"body":"before"}' }
    expect((await world.http('notes', note)).status).toBe(201)
    // Every connection breaks, in the middle of a request too.
    const slow = world.http('rpc/wait?seconds=2')
    await eventually('teams', 200)
    await world.server.database
      .admin`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'authenticator'`
    expect([200, 503]).toContain((await slow).status)
    await eventually('teams', 200)
    await eventually('notes', 201, note)

    await world.server.database.admin`alter role authenticator connection limit 0`
    await world.server.database
      .admin`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'authenticator'`
    await eventually('teams', 503)
    const refused = await world.http('teams')
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(await refused.json()).toMatchObject({ code: expect.any(String), message: expect.any(String) })
    await world.server.database.admin`alter role authenticator connection limit -1`
    await eventually('teams', 200)
    await eventually('notes', 201, note)
    await world.server.database.admin.unsafe(
      'create table public.late (id int); grant select on public.late to anon',
    )
    await eventually('late', 200)
  })
})

describe('more than the database can take', () => {
  test('is refused with 503 and Retry-After; reads do not wait for writes', async () => {
    const { admin } = world.server.database
    await admin.unsafe('alter role service_role set statement_timeout = 0; notify pgrst')
    const lock = await admin.reserve()
    await lock`begin`
    await lock`lock table public.seats in access exclusive mode`
    const headers = { apikey: world.server.secretKey, 'content-type': 'application/json' }
    const writes = Array.from({ length: 40 }, (_, i) =>
      world.http('seats', { method: 'POST', headers, body: JSON.stringify({ hall: 'L', number: i }) }),
    )
    // If reads waited for writes, they would wait for the lock that is let go after them.
    for (let i = 0; i < 20; i++) expect((await world.http('teams')).status).toBe(200)
    await lock`commit`
    lock.release()
    const statuses = (await Promise.all(writes)).map((response) => response.status)
    expect(new Set(statuses)).toEqual(new Set([201]))
  })
})
