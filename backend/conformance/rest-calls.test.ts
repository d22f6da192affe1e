import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type World } from './rest-client'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

const get = async (path: string, headers: Record<string, string> = {}) => {
  const response = await world.http(path, { headers })
  const text = await response.text()
  return { status: response.status, text, body: text === '' ? null : JSON.parse(text) }
}
const post = async (
  path: string,
  body: string,
  type = 'application/json',
  headers: Record<string, string> = {},
) => {
  const response = await world.http(path, {
    method: 'POST',
    body,
    headers: { 'content-type': type, ...headers },
  })
  const text = await response.text()
  return { status: response.status, text, headers: response.headers }
}

describe('arguments', () => {
  test('by name, from a body and from the query', async () => {
    expect((await post('rpc/add_them', '{"a":1,"b":2}')).text).toBe('3')
    expect((await get('rpc/add_them?a=1&b=2')).body).toBe(3)
    expect((await get('rpc/add_them?a=5')).body).toBe(15)
    expect((await world.anon.rpc('add_them', { a: 2 }, { get: true })).data).toBe(12)
    expect((await post('rpc/add_them', 'a=1&b=3', 'application/x-www-form-urlencoded')).text).toBe('4')
  })

  test('choose between overloads', async () => {
    expect((await world.anon.rpc('overloaded', { a: 1 })).data).toBe('one')
    expect((await world.anon.rpc('overloaded', { a: 1, b: 2 })).data).toBe('two')
    const unclear = await world.anon.rpc('unclear', { a: 1 })
    expect(unclear).toMatchObject({
      status: 300,
      error: {
        code: 'PGRST203',
        message:
          'Could not choose the best candidate function between: public.unclear(a => integer), public.unclear(a => text)',
      },
    })
  })

  test('variadic', async () => {
    expect((await world.anon.rpc('total', { numbers: [1, 2, 3] })).data).toBe(6)
    expect((await get('rpc/total?numbers=1&numbers=2')).body).toBe(3)
    expect((await get('rpc/total?numbers={4,5}')).body).toBe(9)
    expect((await get('rpc/total?numbers=7')).body).toBe(7)
  })

  test('one without a name: JSON, text, bytes', async () => {
    expect((await post('rpc/echo_json', '{"x": [1,  2]}')).text).toBe('{"x": [1,  2]}')
    expect((await post('rpc/echo_json', '[1, 2]')).text).toBe('[1, 2]')
    expect((await post('rpc/echo_text', 'hello "you"', 'text/plain')).text).toBe('"hello \\"you\\""')
    expect((await post('rpc/echo_bytes', 'åbc', 'application/octet-stream')).text).toBe('4')
  })

  test('that do not fit', async () => {
    expect(await get('rpc/add_them?c=1')).toMatchObject({
      status: 404,
      body: {
        code: 'PGRST202',
        message: 'Could not find the function public.add_them(c) in the schema cache',
        details:
          'Searched for the function public.add_them with parameter c, but no matches were found in the schema cache.',
        hint: 'Perhaps you meant to call the function public.add_them(a, b)',
      },
    })
    const unknown = await world.anon.rpc('add_then', { a: 1 })
    expect(unknown).toMatchObject({
      status: 404,
      error: { code: 'PGRST202', hint: 'Perhaps you meant to call the function public.add_them' },
    })
    expect((await world.anon.rpc('overloaded')).error).toMatchObject({
      message: 'Could not find the function public.overloaded without parameters in the schema cache',
    })
    expect((await world.anon.rpc('add_them', { a: 'x' })).error).toMatchObject({
      code: '22P02',
      message: 'invalid input syntax for type integer: "x"',
    })
    expect((await get('rpc/add_them?a=x')).body).toMatchObject({ code: '22P02' })
  })
})

describe('results', () => {
  test('of every kind', async () => {
    expect((await get('rpc/numbers?up_to=3')).body).toEqual([1, 2, 3])
    expect(await world.anon.rpc('nothing')).toMatchObject({ status: 204, data: null })
    expect((await get('rpc/one_country?wanted=1&select=id,name')).body).toEqual({ id: 1, name: 'Norway' })
    expect((await world.anon.rpc('city_sizes', { at_least: 500000 })).data).toEqual([
      { city: 'Oslo', size: 700000 },
      { city: 'Santiago', size: 6000000 },
    ])
  })

  test('are filtered, embedded, ordered and limited', async () => {
    const { data, count, error } = await world.anon
      .rpc('all_countries', {}, { count: 'exact' })
      .select('name,cities(name)')
      .lt('id', 3)
      .order('name')
      .limit(1)
    expect({ data, count, error }).toEqual({
      data: [{ name: 'Chile', cities: [{ name: 'Santiago' }] }],
      count: 2,
      error: null,
    })
    expect((await get('rpc/city_sizes?select=town:city&size=lt.300000&order=size.desc')).body).toEqual([
      { town: 'Bergen' },
    ])
    expect((await world.anon.rpc('all_countries').select('id').eq('id', 2).single()).data).toEqual({ id: 2 })
    expect((await world.anon.rpc('all_countries').select('id').single()).error).toMatchObject({
      code: 'PGRST116',
    })
    const ranged = await get('rpc/numbers?up_to=10&limit=2&offset=3', { prefer: 'count=exact' })
    expect([ranged.status, ranged.body]).toEqual([206, [4, 5]])
  })

  test('without a body for HEAD', async () => {
    const { count, data } = await world.anon.rpc('all_countries', {}, { head: true, count: 'exact' })
    expect({ count, data }).toEqual({ count: 3, data: null })
  })

  test('carry the headers and status that the function sets', async () => {
    const response = await post(
      'rpc/answer',
      JSON.stringify({ headers: '[{"X-Made": "here"},{"cache-control":"no-store"}]', status: '202' }),
    )
    expect([response.status, response.text]).toEqual([202, '"answered"'])
    expect(response.headers.get('x-made')).toBe('here')
    expect((await post('rpc/answer', '{"headers":"{"}')).status).toBe(500)
    expect((await post('rpc/answer', '{"headers":"[]","status":"9"}')).text).toContain('PGRST112')
  })
})

describe('the transaction of a call', () => {
  test('knows the caller and the request', async () => {
    const { data } = await world.ada.rpc('who')
    expect(data).toMatchObject({
      role: 'authenticated',
      uid: world.people.ada.id,
      method: 'POST',
      path: '/rpc/who',
      read_only: 'on',
    })
    const zoned = await get('rpc/who', { 'x-test': 'æ"\\', prefer: 'timezone=America/Lima' })
    expect(zoned.body).toMatchObject({
      role: 'anon',
      uid: null,
      method: 'GET',
      header: expect.any(String),
      zone: 'America/Lima',
    })
    expect((await get('rpc/who')).body).toMatchObject({ zone: 'UTC' })
    expect((await world.admin.rpc('who')).data).toMatchObject({ role: 'service_role' })
  })

  test('is read-only for GET', async () => {
    expect(await get('rpc/sneaky')).toMatchObject({ status: 405, body: { code: '25006' } })
    expect((await get('rpc/empty_seats?in_hall=A')).body).toMatchObject({ code: '25006' })
  })

  test('is rolled back when the result is not what was asked for', async () => {
    const strict = { prefer: 'handling=strict,max-affected=1' }
    await world.admin.from('seats').insert([
      { hall: 'R', number: 1, holder: 'a' },
      { hall: 'R', number: 2, holder: 'b' },
    ])
    const response = await post('rpc/empty_seats', '{"in_hall":"R"}', 'application/json', {
      ...strict,
      apikey: world.server.secretKey,
    })
    expect(response.text).toContain('PGRST124')
    const { data } = await world.admin.from('seats').select('holder').eq('hall', 'R').order('number')
    expect(data).toEqual([{ holder: 'a' }, { holder: 'b' }])
    expect((await post('rpc/add_them', '{"a":1}', 'application/json', strict)).text).toContain('PGRST128')
  })
})

describe('raised errors', () => {
  test.each([
    ['P0001', 400],
    ['PT404', 404],
    ['PT422', 422],
    ['23505', 409],
    ['23503', 409],
    ['42501', 401],
    ['22P02', 400],
    ['40001', 500],
    ['53300', 503],
    ['57014', 500],
    ['08006', 503],
  ])('%s becomes %i', async (code, status) => {
    const args = { code, message: 'Not like this', detail: 'some_code', hint: 'Do that' }
    const { error, ...answer } = await world.anon.rpc('fail', args)
    expect(answer.status).toBe(status)
    expect(error).toMatchObject({ code, message: 'Not like this', details: 'some_code', hint: 'Do that' })
  })

  test('of PGRST say everything themselves', async () => {
    const message = JSON.stringify({
      code: '123',
      message: 'Payment required',
      details: 'Quota',
      hint: 'Upgrade',
    })
    const detail = JSON.stringify({ status: 402, headers: { 'X-Powered-By': 'Nerd Rage' } })
    const response = await post('rpc/fail', JSON.stringify({ code: 'PGRST', message, detail }))
    expect([response.status, JSON.parse(response.text)]).toEqual([
      402,
      { code: '123', message: 'Payment required', details: 'Quota', hint: 'Upgrade' },
    ])
    expect(response.headers.get('x-powered-by')).toBe('Nerd Rage')
    expect((await post('rpc/fail', '{"code":"PGRST"}')).text).toContain('PGRST121')
  })

  test('a signed-in caller without the right is forbidden', async () => {
    expect((await world.ada.rpc('fail', { code: '42501' })).status).toBe(403)
  })

  test('methods a function does not have', async () => {
    const response = await world.http('rpc/add_them', { method: 'DELETE' })
    expect([response.status, await response.json()]).toMatchObject([405, { code: 'PGRST101' }])
  })
})

describe('the description of the API', () => {
  test('names what the caller may use, and nothing to strangers', async () => {
    const described = async (token: string) => {
      const response = await world.http('', { headers: { authorization: `Bearer ${token}` } })
      return (await response.json()) as { paths: Record<string, object>; definitions: Record<string, object> }
    }
    const { paths, definitions } = await described(world.people.ada.token)
    expect(Object.keys(paths['/notes'] ?? {})).toEqual(['get', 'post', 'patch', 'delete'])
    expect(definitions.countries).toMatchObject({
      required: ['name'],
      properties: {
        population: { type: 'integer', format: 'bigint' },
        tags: { type: 'array' },
        mood: { format: 'public.mood' },
      },
    })
    expect(paths['/rpc/add_them']).toMatchObject({ post: { parameters: [{ schema: { required: ['a'] } }] } })
    expect(JSON.stringify(paths)).not.toContain('things')
    expect(paths['/rpc/full_name']).toBeUndefined()
    expect(await get('')).toMatchObject({ status: 401, body: { code: 'PGRST302' } })
    expect(await get('teams', { accept: 'application/openapi+json' })).toMatchObject({ status: 406 })
  })
})
