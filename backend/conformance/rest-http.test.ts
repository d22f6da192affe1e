import { request } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type World } from './rest-client'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

/** Without `fetch`, which decodes by itself. */
function raw(path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status?: number; headers: Record<string, unknown>; body: Buffer }>(
    (resolve, reject) => {
      const all = { apikey: world.server.publishableKey, ...headers }
      request(`${world.server.url}/rest/v1/${path}`, { headers: all }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
        )
      })
        .on('error', reject)
        .end()
    },
  )
}

describe('answers over the line', () => {
  test('large ones are compressed for clients that take gzip', async () => {
    const plain = await raw('rpc/numbers?up_to=900&select=a')
    const many = 'rpc/numbers?up_to=5000&limit=1000'
    const long = `teams?select=${Array.from({ length: 800 }, (_, i) => `column_${i}:name`).join(',')}`
    const packed = await raw(long, { 'accept-encoding': 'gzip, br' })
    expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' })
    expect(packed.headers['content-length']).toBe(String(packed.body.length))
    const whole = await raw(long)
    expect(whole.headers['content-encoding']).toBeUndefined()
    expect(String(gunzipSync(packed.body))).toBe(String(whole.body))
    expect(packed.body.length).toBeLessThan(whole.body.length / 5)
    expect((await raw(many, { 'accept-encoding': 'gzip' })).headers['content-encoding']).toBeUndefined()
    expect(plain.status).toBe(200)
  })

  test('HEAD has the headers of GET and no body', async () => {
    for (const path of ['teams', 'rpc/all_countries', 'teams?id=eq.99']) {
      const head = await world.http(path, { method: 'HEAD' })
      const get = await world.http(path)
      expect([head.status, head.headers.get('content-range'), await head.text()]).toEqual([
        get.status,
        get.headers.get('content-range'),
        '',
      ])
    }
  })

  test('the schema that was asked for is named', async () => {
    const asked = await world.http('teams', { headers: { 'accept-profile': 'public' } })
    expect(asked.headers.get('content-profile')).toBe('public')
    expect((await world.http('teams')).headers.get('content-profile')).toBeNull()
    expect(await world.anon.schema('public').from('teams').select('id').eq('id', 1)).toMatchObject({
      data: [{ id: 1 }],
    })
    expect(await world.anon.schema('hidden').from('things').select()).toMatchObject({
      status: 406,
      error: { code: 'PGRST106' },
    })
  })

  test('a token that is not accepted says so in the header that HTTP has for it', async () => {
    const refused = await world.http('teams', { headers: { authorization: 'Bearer a.b.c' } })
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token"/)
    expect((await world.http('notes')).headers.get('www-authenticate')).toBeNull()
  })

  test('a client that went away costs nothing but its answer', async () => {
    const aborting = new AbortController()
    const asked = world.anon.rpc('wait', { seconds: 0.5 }).abortSignal(aborting.signal)
    queueMicrotask(() => aborting.abort())
    expect((await asked).error).toMatchObject({ message: expect.stringContaining('AbortError') })
    expect((await world.http('teams')).status).toBe(200)
  })
})

describe('tables of every kind', () => {
  beforeAll(async () => {
    await world.server.database.admin.unsafe(`
      create table public.events (at date not null, what text, loud text generated always as (upper(what)) stored)
        partition by range (at);
      create table public.events_2026 partition of public.events for values from ('2026-01-01') to ('2027-01-01');
      create materialized view public.city_count as select country_id, count(*) from public.cities group by 1;
      create view public.loud_teams as select id, name from public.teams;
      create type public.spot as (x int, y int);
      create table public.shapes (id bigint generated always as identity primary key, center public.spot,
        corners public.spot[], grid int[], data bytea, took interval, price money, bits bit(3), net inet, uid uuid);
      grant all on public.events, public.city_count, public.loud_teams, public.shapes to service_role, anon;
      grant all on all sequences in schema public to service_role`)
    while ((await world.http('shapes')).status !== 200);
  })

  test('partitions are one table; generated columns are read, not written', async () => {
    const made = await world.admin.from('events').insert({ at: '2026-05-01', what: 'rain' }).select()
    expect(made).toMatchObject({ error: null, data: [{ at: '2026-05-01', what: 'rain', loud: 'RAIN' }] })
    expect(await world.admin.from('events_2026').select()).toMatchObject({ error: { code: 'PGRST205' } })
    expect(await world.admin.from('events').insert({ at: '2026-05-01', loud: 'x' })).toMatchObject({
      status: 400,
      error: { code: '428C9' },
    })
  })

  test('views are read, and written where PostgreSQL can', async () => {
    expect((await world.anon.from('city_count').select('count').eq('country_id', 1)).data).toEqual([
      { count: 2 },
    ])
    const made = await world.admin.from('loud_teams').insert({ id: 77, name: 'Green' }).select()
    expect(made).toMatchObject({ error: null, data: [{ id: 77, name: 'Green' }] })
    expect((await world.admin.from('loud_teams').update({ name: 'Olive' }).eq('id', 77)).status).toBe(204)
    expect((await world.admin.from('loud_teams').delete().eq('id', 77).select()).data).toEqual([
      { id: 77, name: 'Olive' },
    ])
  })

  test('values of every type come back as PostgreSQL writes them', async () => {
    const row = {
      center: { x: 1, y: 2 },
      corners: [{ x: 0, y: 0 }],
      grid: [
        [1, 2],
        [3, 4],
      ],
      data: '\\x00ff',
      took: '1 day 02:00:00',
      price: '$1,234.50',
      bits: '101',
      net: '10.0.0.0/8',
      uid: '00000000-0000-4000-8000-000000000001',
    }
    const made = await world.admin.from('shapes').insert(row).select().single()
    expect(made).toMatchObject({ error: null, data: row })
    const inside = await world.admin
      .from('shapes')
      .select('center->x,corners->0->y,grid->1')
      .eq('center->>x', '1')
    expect(inside).toMatchObject({ error: null, data: [{ x: 1, y: 0 }] })
  })
})
