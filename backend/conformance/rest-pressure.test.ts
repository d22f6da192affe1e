import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRest } from '../rest/service'
import { personToken, startWorld, type World } from './rest-client'

let world: World
let bearer: Record<string, string>
beforeAll(async () => {
  const limits = { readers: 3, writers: 2, maxWaiting: 12, waitMilliseconds: 1000 }
  world = await startWorld({ services: [(deps) => createRest(deps, limits)] })
  await world.server.database.admin.unsafe(`
    alter role anon set statement_timeout = '1s';
    notify pgrst`)
  bearer = { authorization: `Bearer ${await personToken(world.server, world.people.ada.id)}` }
})
afterAll(() => world?.stop())

const send = (body: string) =>
  world.http('notes', {
    method: 'POST',
    headers: { ...bearer, 'content-type': 'application/json' },
    body: JSON.stringify({ body }),
  })
const slowRead = () => world.http('rpc/wait?seconds=0.6')

describe('G18: a flood of slow reads', () => {
  test('is refused beyond the bound, while every send is acknowledged, and is over when it is over', async () => {
    const flood = Array.from({ length: 60 }, slowRead)
    const started = performance.now()
    const sends = []
    for (let i = 0; i < 20; i++) sends.push((await send(`during ${i}`)).status)
    const took = performance.now() - started
    expect(new Set(sends)).toEqual(new Set([201]))
    const answers = await Promise.all(flood)
    const refused = answers.filter(({ status }) => status === 503)
    expect(answers.filter(({ status }) => status === 200 || status === 204).length).toBeGreaterThan(2)
    // Three run, twelve wait, the rest is refused at once; who waits too long is refused too.
    expect(refused.length).toBeGreaterThanOrEqual(45)
    for (const response of refused) {
      expect(response.headers.get('retry-after')).toMatch(/^[1-9]\d*$/)
      expect(await response.json()).toMatchObject({ code: 'PGRST003', message: expect.any(String) })
    }
    // Twenty sends one after the other behind even one slow read each would take twelve seconds.
    expect(took).toBeLessThan(6000)
    expect((await slowRead()).status).toBe(204)
    expect((await world.http('teams')).status).toBe(200)
  })

  test('keeps out nobody else: those who ask take turns', async () => {
    const flood = Array.from({ length: 60 }, slowRead)
    // Once somebody was refused, all places are taken and as many wait as may.
    await Promise.any(flood.map(async (one) => expect((await one).status).toBe(503)))
    const others = []
    for (let i = 0; i < 5; i++) others.push((await world.http('teams', { headers: bearer })).status)
    expect(others).toEqual([200, 200, 200, 200, 200])
    await Promise.all(flood)
  })

  test('cannot go on for longer than a statement may take', async () => {
    const response = await world.http('rpc/wait?seconds=30')
    expect([response.status, await response.json()]).toMatchObject([500, { code: '57014' }])
  })
})

describe('G18: a flood of slow sends', () => {
  test('is refused beyond the bound; reads go on, and then sends do again', async () => {
    const lock = await world.server.database.admin.reserve()
    await lock`begin`
    await lock`lock table public.notes in exclusive mode`
    const flood = Array.from({ length: 40 }, (_, i) => send(`flood ${i}`))
    for (let i = 0; i < 10; i++) expect((await world.http('teams')).status).toBe(200)
    const refusedAtOnce = await Promise.race(flood.slice(20))
    expect([refusedAtOnce.status, refusedAtOnce.headers.get('retry-after')]).toEqual([503, '1'])
    await lock`commit`
    lock.release()
    const statuses = (await Promise.all(flood)).map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([201, 503]))
    expect((await send('after')).status).toBe(201)
    const stored = await world.ada.from('notes').select('body').like('body', 'flood%')
    expect(stored.data).toHaveLength(statuses.filter((status) => status === 201).length)
  })
})
