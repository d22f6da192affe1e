import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type World } from './rest-client'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

const get = async (path: string) => {
  const response = await world.http(path)
  return { status: response.status, body: await response.json() }
}

describe('relationships', () => {
  test('tell two foreign keys apart by constraint, column or referenced column', async () => {
    const expected = [{ id: 1, billing: { street: 'Main' }, shipping: { street: 'Side' } }]
    for (const [billing, shipping] of [
      ['addresses!billing', 'addresses!shipping'],
      ['addresses!billing_address_id', 'addresses!shipping_address_id'],
      ['billing_address_id', 'shipping_address_id'],
    ]) {
      const { body } = await get(
        `orders?select=id,billing:${billing}(street),shipping:${shipping}(street)&id=eq.1`,
      )
      expect(body).toEqual(expected)
    }
    expect((await get('orders?select=id,billing(street)&id=eq.1')).body).toEqual([
      { id: 1, billing: { street: 'Main' } },
    ])
    expect((await get('addresses?select=id,orders!billing(id)&id=eq.1')).body).toEqual([
      { id: 1, orders: [{ id: 1 }, { id: 2 }] },
    ])
  })

  test('go through a junction, and show what it holds', async () => {
    expect((await get('teams?select=name,players(name),memberships(since)&order=id')).body).toEqual([
      { name: 'Red', players: [{ name: 'Ada' }], memberships: [{ since: 2001 }] },
      {
        name: 'Blue',
        players: [{ name: 'Ada' }, { name: 'Grace' }],
        memberships: [{ since: 2002 }, { since: 2003 }],
      },
    ])
    expect((await get('teams?select=players!memberships(name)&id=eq.1')).body).toEqual([
      { players: [{ name: 'Ada' }] },
    ])
  })

  test('of a table with itself', async () => {
    expect(
      (await get('employees?select=id,boss:boss_id(first_name),staff:employees!boss_id(id)&order=id')).body,
    ).toEqual([
      { id: 1, boss: null, staff: [{ id: 2 }] },
      { id: 2, boss: { first_name: 'Big' }, staff: [{ id: 3 }] },
      { id: 3, boss: { first_name: 'Mid' }, staff: [] },
    ])
  })

  test('that functions compute', async () => {
    expect((await get('employees?select=full_name,colleagues(id),top(full_name)&id=eq.3')).body).toEqual([
      { full_name: 'Small Fry', colleagues: [{ id: 1 }, { id: 2 }], top: { full_name: 'Big Boss' } },
    ])
    expect((await get('employees?select=id&full_name=eq.Mid%20Boss')).body).toEqual([{ id: 2 }])
    expect((await get('employees?select=id&order=full_name.desc')).body).toEqual([
      { id: 3 },
      { id: 2 },
      { id: 1 },
    ])
  })

  test('of views, by the columns they show', async () => {
    expect((await get('northern?select=name,cities(name)')).body).toEqual([
      { name: 'Norway', cities: [{ name: 'Oslo' }, { name: 'Bergen' }] },
    ])
    expect((await get('city_list?select=name,countries(name),mayors(name)&id=eq.1')).body).toEqual([
      { name: 'Oslo', countries: { name: 'Norway' }, mayors: { name: 'Anne' } },
    ])
  })
})

describe('inside of an embed', () => {
  test('filters, orders, limits and offsets', async () => {
    const { data } = await world.anon
      .from('countries')
      .select('id,cities(name)')
      .lt('id', 3)
      .gt('cities.population', 1)
      .order('id')
      .order('name', { referencedTable: 'cities', ascending: true })
      .limit(1, { referencedTable: 'cities' })
    expect(data).toEqual([
      { id: 1, cities: [{ name: 'Bergen' }] },
      { id: 2, cities: [{ name: 'Santiago' }] },
    ])
    expect(
      (await get('countries?select=id,cities(name)&id=eq.1&cities.order=name&cities.offset=1')).body,
    ).toEqual([{ id: 1, cities: [{ name: 'Oslo' }] }])
    const ranged = await world.anon
      .from('countries')
      .select('cities(name)')
      .eq('id', 1)
      .order('name', { referencedTable: 'cities' })
      .range(1, 1, { referencedTable: 'cities' })
      .maybeSingle()
    expect(ranged.data).toEqual({ cities: [{ name: 'Oslo' }] })
    expect(await world.anon.from('countries').select('id').maybeSingle()).toMatchObject({
      status: 406,
      error: { code: 'PGRST116' },
    })
    const or = await world.anon
      .from('countries')
      .select('id,cities(id)')
      .eq('id', 1)
      .or('name.eq.Oslo,name.eq.Santiago', { referencedTable: 'cities' })
    expect(or.data).toEqual([{ id: 1, cities: [{ id: 1 }] }])
    expect(
      (await get('countries?select=id,cities(id,mayors(name))&cities.mayors.name=eq.x&id=eq.1')).body,
    ).toEqual([
      {
        id: 1,
        cities: [
          { id: 1, mayors: null },
          { id: 2, mayors: null },
        ],
      },
    ])
    expect((await get('countries?select=id,towns:cities(id)&towns.name=eq.Oslo&id=eq.1')).body).toEqual([
      { id: 1, towns: [{ id: 1 }] },
    ])
  })

  test('counts', async () => {
    const counted = [
      { id: 1, cities: [{ count: 2 }] },
      { id: 2, cities: [{ count: 1 }] },
      { id: 3, cities: [{ count: 0 }] },
    ]
    // The second as older PostgREST had it, and as Supabase's documentation still shows it.
    for (const count of ['count()', 'count'])
      expect((await get(`countries?select=id,cities(${count})&order=id`)).body).toEqual(counted)
    expect((await get('cities?select=n:count')).body).toEqual([{ n: 4 }])
  })
})

describe('inner embeds and filters on embeds', () => {
  test('keep only rows that have something to embed', async () => {
    const { data } = await world.anon
      .from('countries')
      .select('id,cities!inner(name)', { count: 'exact' })
      .eq('cities.name', 'Oslo')
    expect(data).toEqual([{ id: 1, cities: [{ name: 'Oslo' }] }])
    expect((await get('cities?select=name,countries!inner(name)&order=id')).body).toHaveLength(3)
    expect((await get('cities?select=name,countries!inner(name)&countries.name=eq.Chile')).body).toEqual([
      { name: 'Santiago', countries: { name: 'Chile' } },
    ])
    expect((await get('countries?select=id,cities!inner(mayors!inner(name))&order=id')).body).toEqual([
      { id: 1, cities: [{ mayors: { name: 'Anne' } }] },
      { id: 2, cities: [{ mayors: { name: 'Mario' } }] },
    ])
    const counted = await world.anon
      .from('cities')
      .select('id,countries!inner(id)', { count: 'exact', head: true })
    expect(counted.count).toBe(3)
  })

  test('by whether there is something, without showing it', async () => {
    expect((await get('countries?select=id,cities()&cities=is.null')).body).toEqual([{ id: 3 }])
    expect((await get('countries?select=id,cities()&cities=not.is.null&order=id')).body).toEqual([
      { id: 1 },
      { id: 2 },
    ])
    expect((await get('cities?select=id,countries()&countries=is.null')).body).toEqual([{ id: 4 }])
    expect(
      (await get('countries?select=id,cities()&or=(cities.is.null,name.eq.Chile)&order=id')).body,
    ).toEqual([{ id: 2 }, { id: 3 }])
    expect((await get('countries?select=id,cities()&cities=eq.1')).body).toMatchObject({ code: 'PGRST120' })
  })

  test('order by what a to-one embed holds', async () => {
    expect(
      (await get('cities?select=id,countries()&order=countries(name).desc.nullslast,id.desc')).body,
    ).toEqual([{ id: 2 }, { id: 1 }, { id: 3 }, { id: 4 }])
    expect((await get('countries?select=id,cities()&order=cities(name)')).body).toMatchObject({
      code: 'PGRST118',
    })
  })
})

describe('spread', () => {
  test('lifts the columns of a to-one embed', async () => {
    expect((await get('cities?select=name,...countries(land:name,code)&order=id&limit=1')).body).toEqual([
      { name: 'Oslo', land: 'Norway', code: 'NO' },
    ])
    expect(
      (await get('mayors?select=name,...cities(city:name,...countries(country:name))&order=city_id')).body,
    ).toEqual([
      { name: 'Anne', city: 'Oslo', country: 'Norway' },
      { name: 'Mario', city: 'Santiago', country: 'Chile' },
    ])
  })

  test('makes arrays of the columns of a to-many embed', async () => {
    expect(
      (await get('countries?select=id,...cities(names:name,population)&order=id&cities.order=name')).body,
    ).toEqual([
      { id: 1, names: ['Bergen', 'Oslo'], population: [280000, 700000] },
      { id: 2, names: ['Santiago'], population: [6000000] },
      { id: 3, names: [], population: [] },
    ])
  })
})

describe('aggregates', () => {
  test('beside and inside of embeds', async () => {
    const counted = (await get('cities?select=countries(name),count()&country_id=not.is.null')).body
    expect(new Set(counted)).toEqual(
      new Set([
        { countries: { name: 'Chile' }, count: 1 },
        { countries: { name: 'Norway' }, count: 2 },
      ]),
    )
    expect((await get('orders?select=amount.sum(),addresses!billing(street)&order=amount.sum')).status).toBe(
      400,
    )
    expect((await get('countries?select=id.max(),cities(name)&id=eq.2')).body).toEqual([
      { max: 2, cities: [{ name: 'Santiago' }] },
    ])
  })

  test('inside of a to-one spread belong to the level it is lifted into', async () => {
    const { body } = await get(
      'cities?select=people:population.sum(),...countries(name,largest:area.max(),n:count())',
    )
    expect(new Set(body)).toEqual(
      new Set([
        { people: 980000, name: 'Norway', largest: 385207.5, n: 2 },
        { people: 6000000, name: 'Chile', largest: 756102, n: 1 },
        { people: null, name: null, largest: null, n: 0 },
      ]),
    )
    expect((await get('cities?select=...countries(id.sum()::text)')).body).toEqual([{ sum: '4' }])
    expect((await get('mayors?select=...cities(...countries(n:count(),a:area.avg()))')).body).toEqual([
      { n: 2, a: 570654.75 },
    ])
  })

  test('inside of a to-many spread count no row twice', async () => {
    expect(
      (await get('countries?select=name,...cities(n:count(),population.sum(),a:population.avg())&order=name'))
        .body,
    ).toEqual([
      { name: 'Big Number Land', n: 0, sum: null, a: null },
      { name: 'Chile', n: 1, sum: 6000000, a: 6000000 },
      { name: 'Norway', n: 2, sum: 980000, a: 490000 },
    ])
    expect(
      (
        await get(
          'countries?select=all:area.sum(),...cities(people:population.sum(),a:population.avg())&id=lt.3',
        )
      ).body,
    ).toEqual([{ all: 1141309.5, people: 6980000, a: expect.closeTo(2326666.67, 1) }])
    expect(
      (await get('countries?select=name,...cities(city:name,n:count())&order=name&cities.order=name')).body,
    ).toEqual([
      { name: 'Big Number Land', city: [], n: 0 },
      { name: 'Chile', city: ['Santiago'], n: 1 },
      { name: 'Norway', city: ['Bergen', 'Oslo'], n: 2 },
    ])
    expect((await get('teams?select=name,...players(n:count())&order=name')).body).toEqual([
      { name: 'Blue', n: 2 },
      { name: 'Red', n: 1 },
    ])
    expect(
      (await get('countries?select=id,...cities(name,...mayors(mayor:name))&order=id&cities.order=id')).body,
    ).toEqual([
      { id: 1, name: ['Oslo', 'Bergen'], mayor: ['Anne', null] },
      { id: 2, name: ['Santiago'], mayor: ['Mario'] },
      { id: 3, name: [], mayor: [] },
    ])
  })

  test('beside every column', async () => {
    expect((await get('mayors?select=*,count(),...cities(country_id)&order=city_id')).body).toEqual([
      { city_id: 1, name: 'Anne', count: 1, country_id: 1 },
      { city_id: 3, name: 'Mario', count: 1, country_id: 2 },
    ])
  })
})

describe('what cannot be embedded', () => {
  test('no relationship', async () => {
    expect(await get('countries?select=id,city(name)')).toEqual({
      status: 400,
      body: {
        code: 'PGRST200',
        details:
          "Searched for a foreign key relationship between 'countries' and 'city' in the schema 'public', but no matches were found.",
        hint: "Perhaps you meant 'cities' instead of 'city'.",
        message: "Could not find a relationship between 'countries' and 'city' in the schema cache",
      },
    })
    expect((await get('cities?select=id,countries!nope(name)')).body).toMatchObject({
      code: 'PGRST200',
      details: expect.stringContaining("using the hint 'nope'"),
    })
    expect((await get('countries?select=id,things(id)')).body).toMatchObject({ code: 'PGRST200', hint: null })
  })

  test('more than one relationship', async () => {
    expect(await get('orders?select=id,addresses(street)')).toEqual({
      status: 300,
      body: {
        code: 'PGRST201',
        details: [
          {
            cardinality: 'many-to-one',
            embedding: 'orders with addresses',
            relationship: 'billing using orders(billing_address_id) and addresses(id)',
          },
          {
            cardinality: 'many-to-one',
            embedding: 'orders with addresses',
            relationship: 'shipping using orders(shipping_address_id) and addresses(id)',
          },
        ],
        hint: "Try changing 'addresses' to one of the following: 'addresses!billing', 'addresses!shipping'. Find the desired relationship in the 'details' key.",
        message: "Could not embed because more than one relationship was found for 'orders' and 'addresses'",
      },
    })
  })

  test('filters and order of what is not embedded', async () => {
    expect(await get('countries?select=id&cities.name=eq.Oslo')).toMatchObject({
      status: 400,
      body: { code: 'PGRST108', message: "'cities' is not an embedded resource in this request" },
    })
    expect((await get('cities?select=id&order=countries(name)')).body).toMatchObject({ code: 'PGRST108' })
  })
})
