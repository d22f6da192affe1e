import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type World } from './rest-client'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

const countries = () => world.anon.from('countries').select('id').order('id')
/** The ids a filter lets through. */
async function ids(query: PromiseLike<{ data: { id: number }[] | null; error: unknown }>): Promise<number[]> {
  const { data, error } = await query
  expect(error).toBeNull()
  return (data ?? []).map((row) => row.id)
}

describe('operators of supabase-js', () => {
  test.each<[string, () => ReturnType<typeof countries>, number[]]>([
    ['eq', () => countries().eq('name', 'Norway'), [1]],
    ['neq', () => countries().neq('name', 'Norway'), [2, 3]],
    ['gt', () => countries().gt('population', 5400000), [2, 3]],
    ['gte', () => countries().gte('population', 5400000), [1, 2, 3]],
    ['lt', () => countries().lt('area', 385207.5), [3]],
    ['lte', () => countries().lte('area', 385207.5), [1, 3]],
    ['like', () => countries().like('name', 'No*'), [1]],
    ['like with %', () => countries().like('name', '%i%'), [2, 3]],
    ['ilike', () => countries().ilike('name', 'no%'), [1]],
    ['likeAllOf', () => countries().likeAllOf('name', ['%o%', '%w%']), [1]],
    ['likeAnyOf', () => countries().likeAnyOf('name', ['N%', 'C%']), [1, 2]],
    ['ilikeAllOf', () => countries().ilikeAllOf('name', ['%O%', '%W%']), [1]],
    ['ilikeAnyOf', () => countries().ilikeAnyOf('name', ['n%', 'c%']), [1, 2]],
    ['regexMatch', () => countries().regexMatch('name', '^N.*y$'), [1]],
    ['regexIMatch', () => countries().regexIMatch('name', '^n.*Y$'), [1]],
    ['is null', () => countries().is('code', null), [3]],
    ['isDistinct', () => countries().isDistinct('code', 'NO'), [2, 3]],
    ['in', () => countries().in('name', ['Norway', 'Chile', 'a,b', 'q"q', '(x)']), [1, 2]],
    ['in nothing', () => countries().in('id', []), []],
    ['notIn', () => countries().notIn('id', [1, 2]), [3]],
    ['in enum', () => countries().in('mood', ['calm']), [1]],
    ['contains array', () => countries().contains('tags', ['cold']), [1]],
    ['contains odd array element', () => countries().contains('tags', '{"dry, hot"}'), [2]],
    ['contains json', () => countries().contains('facts', { capital: 'Oslo' }), [1]],
    ['containedBy', () => countries().containedBy('tags', ['cold', 'fjords', 'x']), [1, 3]],
    ['overlaps', () => countries().overlaps('tags', ['cold', 'long']), [1, 2]],
    ['rangeGt', () => countries().rangeGt('reign', '[1700-01-01,1800-01-01)'), [1, 2]],
    ['rangeGte', () => countries().rangeGte('reign', '[1816-01-01,1817-01-01)'), [2]],
    ['rangeLt', () => countries().rangeLt('reign', '[1950-01-01,2000-01-01)'), [2]],
    ['rangeLte', () => countries().rangeLte('reign', '[1800-01-01,1900-01-01)'), [2]],
    ['rangeAdjacent', () => countries().rangeAdjacent('reign', '[1900-01-01,1901-01-01)'), [2]],
    ['textSearch', () => countries().textSearch('words', 'norway | chile'), [1, 2]],
    ['textSearch plain', () => countries().textSearch('words', 'big land', { type: 'plain' }), [3]],
    ['textSearch phrase', () => countries().textSearch('words', 'big number', { type: 'phrase' }), [3]],
    [
      'textSearch web',
      () => countries().textSearch('words', 'norway or chile', { type: 'websearch', config: 'english' }),
      [1, 2],
    ],
    ['textSearch on text', () => countries().textSearch('name', 'numbers', { config: 'english' }), [3]],
    ['match', () => countries().match({ name: 'Norway', code: 'NO' }), [1]],
    ['not', () => countries().not('name', 'eq', 'Norway'), [2, 3]],
    ['not is null', () => countries().not('code', 'is', null), [1, 2]],
    ['not in', () => countries().not('id', 'in', '(1,2)'), [3]],
    ['or', () => countries().or('name.eq.Norway,and(id.gt.1,id.lt.3)'), [1, 2]],
    ['or with quotes', () => countries().or('name.in.("Norway","x,y"),name.eq."Big Number Land"'), [1, 3]],
    [
      'or with arrays and ranges',
      () => countries().or('tags.cs.{"dry, hot"},reign.sl.[1815-01-01,1816-01-01)'),
      [2],
    ],
    ['nested not', () => countries().or('not.and(id.gte.2,name.neq.x),name.not.like.C*'), [1, 3]],
    ['filter', () => countries().filter('facts->rank->>happiness', 'eq', '7'), [1]],
    ['json number', () => countries().filter('facts->rank->happiness', 'gt', 10), [2]],
    ['json index', () => countries().filter('facts->seas->>0', 'eq', 'North'), [1]],
    ['or on json', () => countries().or('facts->>capital.eq.Oslo,facts->rank->happiness.eq.38'), [1, 2]],
  ])('%s', async (_name, query, expected) => {
    expect(await ids(query())).toEqual(expected)
  })
})

describe('operators of plain HTTP', () => {
  test.each<[string, number[]]>([
    ['id=not.eq.1', [2, 3]],
    ['id=eq(any).{1,3}', [1, 3]],
    ['id=gt(all).{1,2}', [3]],
    ['name=match(any).{^N,^C}', [1, 2]],
    ['id=not.lt(any).{2,3}', [3]],
    ['code=is.not_null', [1, 2]],
    ['code=not.is.null', [1, 2]],
    ['not.and=(id.eq.1,name.eq.Norway)', [2, 3]],
    ['not.or=(id.eq.1,id.eq.2)', [3]],
    ['words=fts(english).Norway', [1]],
    ['words=not.wfts(english).norway', [2, 3]],
    ['name=eq.Big+Number+Land', [3]],
    ['name=eq.Big%20Number%20Land', [3]],
    ['or=(id.eq.1, id.eq.2)', [1, 2]],
    ['id=in.(1, 2)', [1, 2]],
    ['facts->>capital=in.("Oslo",Lima)', [1]],
    ['id=gte.1&id=lte.2', [1, 2]],
    ['founded=lt.1815-01-01', [1]],
    ['founded=eq.1814-05-17T12:00:00.123456Z', [1]],
    ['population=eq.9007199254740993', [3]],
  ])('%s', async (query, expected) => {
    const response = await world.http(`countries?select=id&order=id&${query}`)
    const rows = (await response.json()) as { id: number }[]
    expect(response.status, JSON.stringify(rows)).toBe(200)
    expect(rows.map((row) => row.id)).toEqual(expected)
  })
})

describe('select', () => {
  test('writes values exactly as PostgreSQL does', async () => {
    const response = await world.http(
      'countries?id=in.(1,3)&order=id&select=population,area,founded,reign,tags,mood,code',
    )
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(await response.text()).toBe(
      `[{"population":5400000,"area":385207.50,"founded":"1814-05-17T12:00:00.123456+00:00","reign":"[1814-05-17,)","tags":["cold","fjords"],"mood":"calm","code":"NO"}, \n {"population":9007199254740993,"area":1.10,"founded":null,"reign":null,"tags":[],"mood":null,"code":null}]`,
    )
  })

  test('renames, casts, and looks into JSON', async () => {
    const { data } = await world.anon
      .from('countries')
      .select(
        'label:name, people:population::text, facts->>capital, rank:facts->rank->happiness, facts->seas->0, reign::text',
      )
      .eq('id', 1)
      .single()
    expect(data).toEqual({
      label: 'Norway',
      people: '5400000',
      capital: 'Oslo',
      rank: 7,
      seas: 'North',
      reign: '[1814-05-17,)',
    })
  })

  test('with names that the SQL uses itself', async () => {
    const names = ['r', 't', 'o', 'e0', 'src', 'v', 'f', 'rows', 'body', 'total']
    for (const name of names) {
      const { data } = await world.anon
        .from('teams')
        .select(`${name}:name,players(${name}:id)`)
        .eq('id', 1)
        .single()
      expect(data).toEqual({ [name]: 'Red', players: [{ [name]: 1 }] })
    }
  })

  test('aggregates', async () => {
    const { data } = await world.anon
      .from('cities')
      .select('country_id, count(), people:population.sum()::text, population.max()')
      .order('country_id')
    expect(data).toEqual([
      { country_id: 1, count: 2, people: '980000', max: 700000 },
      { country_id: 2, count: 1, people: '6000000', max: 6000000 },
      { country_id: null, count: 1, people: null, max: null },
    ])
    expect((await world.anon.from('cities').select('count()')).data).toEqual([{ count: 4 }])
  })

  test('strips nulls, and writes CSV', async () => {
    const stripped = await world.anon.from('countries').select('id,code').eq('id', 3).stripNulls()
    expect(stripped.data).toEqual([{ id: 3 }])
    const csv = await world.anon.from('countries').select('id,name,tags').order('id').limit(2).csv()
    expect(csv.data).toBe('id,name,tags\n1,Norway,"{cold,fjords}"\n2,Chile,"{long,""dry, hot""}"')
  })

  test('orders with nulls, on JSON, and by several columns', async () => {
    const names = async (order: string) => {
      const rows = (await (await world.http(`cities?select=id&order=${order}`)).json()) as { id: number }[]
      return rows.map((row) => row.id)
    }
    expect(await names('population.desc.nullslast')).toEqual([3, 1, 2, 4])
    expect(await names('population.desc')).toEqual([4, 3, 1, 2])
    expect(await names('population.nullsfirst')).toEqual([4, 2, 1, 3])
    expect(await names('country_id.desc.nullslast,name.desc')).toEqual([3, 1, 2, 4])
    const { data } = await world.anon
      .from('countries')
      .select('id')
      .order('facts->rank->happiness', { ascending: false, nullsFirst: false })
    expect(data?.map((row) => row.id)).toEqual([2, 1, 3])
  })
})

describe('ranges and counts', () => {
  test('range, limit and offset', async () => {
    const page = await world.anon.from('cities').select('id', { count: 'exact' }).order('id').range(1, 2)
    expect(page).toMatchObject({ data: [{ id: 2 }, { id: 3 }], count: 4, status: 206 })
    const header = await world.http('cities?select=id&order=id', {
      headers: { range: '2-3', prefer: 'count=exact' },
    })
    expect(header.status).toBe(206)
    expect(header.headers.get('content-range')).toBe('2-3/4')
    expect(header.headers.get('preference-applied')).toBe('count=exact')
    expect(await header.json()).toEqual([{ id: 3 }, { id: 4 }])
    const all = await world.http('cities?select=id')
    expect([all.status, all.headers.get('content-range')]).toEqual([200, '0-3/*'])
    const none = await world.http('cities?select=id&id=eq.99', { headers: { prefer: 'count=exact' } })
    expect([none.status, none.headers.get('content-range')]).toEqual([200, '*/0'])
  })

  test('a range outside of what there is', async () => {
    const beyond = await world.anon.from('cities').select('id', { count: 'exact' }).range(10, 20)
    expect(beyond).toMatchObject({
      status: 416,
      error: {
        code: 'PGRST103',
        message: 'Requested range not satisfiable',
        details: 'An offset of 10 was requested, but there are only 4 rows.',
      },
    })
    expect((await world.http('cities?limit=-1')).status).toBe(416)
    expect((await world.http('cities', { headers: { range: '5-2' } })).status).toBe(416)
    expect((await world.http('cities?offset=1e18')).status).toBe(400)
    expect((await world.http('cities?limit=99999999999999999999')).status).toBe(400)
  })

  test('counts exactly, by plan and by estimate, and without a body', async () => {
    const head = await world.anon.from('countries').select('*', { count: 'exact', head: true }).gt('id', 1)
    expect(head).toMatchObject({ count: 2, data: null, status: 200 })
    const planned = await world.anon.from('countries').select('id', { count: 'planned' }).eq('id', 1)
    expect(planned).toMatchObject({ error: null, count: 1 })
    const estimated = await world.anon
      .from('countries')
      .select('id', { count: 'estimated' })
      .gt('id', 1)
      .limit(1)
    expect(estimated).toMatchObject({ error: null, count: 2 })
  })
})
