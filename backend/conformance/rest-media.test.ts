import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type World } from './rest-client'

let world: World
let explaining: World
beforeAll(async () => {
  ;[world, explaining] = await Promise.all([startWorld(), startWorld({ settings: { restExplain: true } })])
})
afterAll(() => Promise.all([world?.stop(), explaining?.stop()]))

const get = async (path: string, accept: string) => {
  const response = await world.http(path, { headers: { accept } })
  const bytes = Buffer.from(await response.arrayBuffer())
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    bytes,
    text: String(bytes),
    response,
  }
}

describe('media types of the database', () => {
  test('that a function returns', async () => {
    const page = await get('rpc/page', 'text/html')
    expect([page.status, page.type, page.text]).toEqual([200, 'text/html', '<h1>Hello</h1>'])
    // A page from the database must not run as a page of the product.
    expect(page.response.headers.get('content-security-policy')).toBe('sandbox')
    const dot = await get('rpc/dot', 'image/x-dot, */*')
    expect([dot.type, dot.bytes]).toEqual(['image/x-dot', Buffer.from([0, 255, 16])])
    const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/x-dot,*/*;q=0.8'
    expect((await get('rpc/dot', browser)).type).toBe('image/x-dot')
    expect((await get('rpc/page', 'application/json')).text).toBe('"<h1>Hello</h1>"')
    expect((await get('rpc/page', 'image/png')).status).toBe(406)
  })

  test('of any name, which the function chooses', async () => {
    for (const accept of ['*/*', 'app/groucho', 'audio/ogg']) {
      const { type, text } = await get('rpc/any_of_them', accept)
      expect([type, text]).toEqual(['app/groucho', 'groucho'])
    }
    expect(await get('rpc/any_of_them', 'app/chico')).toMatchObject({ status: 415 })
  })

  test('that an aggregate makes of any rows', async () => {
    const tabs = 'text/tab-separated-values'
    expect((await get('teams?order=id', tabs)).text).toBe('1\tRed\n2\tBlue\n')
    expect((await get('teams?order=id&select=name', tabs)).text).toBe('Red\nBlue\n')
    expect((await get('rpc/city_sizes?at_least=500000', tabs)).text).toBe('Oslo\t700000\nSantiago\t6000000\n')
    expect((await get('teams?id=eq.99', tabs)).text).toBe('')
  })

  test('that an aggregate makes of the whole rows of one table', async () => {
    const names = 'application/vnd.names+json'
    const { status, type, text } = await get('players?id=lt.3&order=id', names)
    expect([status, type, JSON.parse(text)]).toEqual([200, names, ['Ada', 'Grace']])
    expect(await get('players?select=id', names)).toMatchObject({ status: 406 })
    expect(await get('teams', names)).toMatchObject({ status: 406 })
    expect(JSON.parse((await get('teams', names)).text)).toMatchObject({
      code: 'PGRST107',
      message: `None of these media types are available: ${names}`,
    })
    expect((await get('players?id=eq.1', `${names};q=0.5, application/json`)).type).toContain(
      'application/json',
    )
  })

  test('GeoJSON needs an aggregate for it', async () => {
    expect(await world.anon.from('teams').select().geojson()).toMatchObject({
      status: 406,
      error: { code: 'PGRST107' },
    })
  })
})

describe('the plan of a statement', () => {
  test('as text and as JSON, with what EXPLAIN can tell', async () => {
    const { data } = await explaining.anon.from('teams').select('name').eq('id', 1).explain()
    expect(data).toMatch(/Aggregate .*cost=[\s\S]*Index Cond: \(id = 1\)/)
    const json = await explaining.anon
      .from('teams')
      .select()
      .explain({ format: 'json', analyze: true, verbose: true, settings: true, buffers: true, wal: true })
    expect(json).toMatchObject({
      error: null,
      data: [
        { Plan: { 'Node Type': 'Subquery Scan', 'Actual Rows': 1 }, 'Execution Time': expect.any(Number) },
      ],
    })
    const response = await explaining.http('teams', {
      headers: {
        accept: 'application/vnd.pgrst.plan+json; for="application/vnd.pgrst.object+json"; options=verbose',
      },
    })
    expect(response.headers.get('content-type')).toBe(
      'application/vnd.pgrst.plan+json; for="application/vnd.pgrst.object+json"; options=verbose; charset=utf-8',
    )
    expect(JSON.stringify(await response.json())).toContain('-> 0')
  })

  test('of calls and changes; those that are analysed happen unless they are rolled back', async () => {
    expect((await explaining.anon.rpc('all_countries').explain()).data).toContain('Aggregate')
    const seat = { hall: 'E', number: 1 }
    const seats = () => explaining.admin.from('seats')
    expect((await seats().insert(seat).select().explain()).data).toContain('Insert on')
    expect((await seats().insert(seat).select().rollback().explain({ analyze: true })).data).toContain(
      'actual',
    )
    expect((await seats().select()).data).toEqual([])
    expect((await seats().insert(seat).select().explain({ analyze: true })).error).toBeNull()
    expect((await seats().select('hall')).data).toEqual([{ hall: 'E' }])
  })

  test('runs no words of the request', async () => {
    const accept =
      'application/vnd.pgrst.plan+json; options=analyze false) delete from public.seats --|buffers'
    const response = await explaining.http('teams', { headers: { accept } })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(
      'application/vnd.pgrst.plan+json; for="application/json"; options=buffers; charset=utf-8',
    )
  })

  test('is closed by default', async () => {
    expect(await world.anon.from('teams').select().explain()).toMatchObject({
      status: 406,
      error: { code: 'PGRST107' },
    })
  })
})

test('more columns than PostgreSQL can return at once', async () => {
  const select = Array.from({ length: 1700 }, (_, i) => `c${i}:id`).join(',')
  const response = await world.http(`teams?select=${select}`)
  expect([response.status, await response.json()]).toMatchObject([
    400,
    { code: '54011', message: 'target lists can have at most 1664 entries' },
  ])
})
