import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startWorld, type World } from './rest-client'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())
beforeEach(async () => {
  await world.server.database.admin`truncate public.seats`
  await world.server.database.admin`insert into public.seats values ('A', 1, 'ada'), ('A', 2, 'grace')`
})

const seats = () => world.admin.from('seats')
const stored = async () => (await seats().select().order('hall').order('number')).data
const admin = () => ({ apikey: world.server.secretKey, 'content-type': 'application/json' })
const send = (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
  world.http(path, {
    method,
    headers: { ...admin(), ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

describe('insert', () => {
  test('one row, quietly', async () => {
    const response = await send('POST', 'seats', { hall: 'B', number: 1 })
    expect([response.status, await response.text(), response.headers.get('content-range')]).toEqual([
      201,
      '',
      '*/*',
    ])
    expect(response.headers.get('content-type')).toBeNull()
    expect(await stored()).toContainEqual({ hall: 'B', number: 1, holder: 'nobody' })
  })

  test('one row, and says where it is', async () => {
    const response = await send(
      'POST',
      'seats',
      { hall: 'B&C', number: 1 },
      { prefer: 'return=headers-only' },
    )
    expect(response.headers.get('location')).toBe('/seats?hall=eq.B%26C&number=eq.1')
    expect(response.headers.get('preference-applied')).toBe('return=headers-only')
  })

  test('many rows, with the columns of the first call for all', async () => {
    const { data, error } = await seats()
      .insert([
        { hall: 'B', number: 1 },
        { hall: 'B', number: 2, holder: 'eve' },
      ])
      .select('number,holder')
    expect({ data, error }).toEqual({
      data: [
        { number: 1, holder: null },
        { number: 2, holder: 'eve' },
      ],
      error: null,
    })
  })

  test('takes defaults for what is missing when asked', async () => {
    const { data } = await seats()
      .insert(
        [
          { hall: 'B', number: 1 },
          { hall: 'B', number: 2, holder: 'eve' },
        ],
        { defaultToNull: false },
      )
      .select('holder')
    expect(data).toEqual([{ holder: 'nobody' }, { holder: 'eve' }])
  })

  test('objects with different keys need columns', async () => {
    const rows = [
      { hall: 'B', number: 1 },
      { hall: 'B', number: 2, holder: 'x' },
    ]
    const response = await send('POST', 'seats', rows)
    expect([response.status, await response.json()]).toEqual([
      400,
      { code: 'PGRST102', details: null, hint: null, message: 'All object keys must match' },
    ])
    const columns = await send('POST', 'seats?columns=hall,number', rows)
    expect(columns.status).toBe(201)
    expect(await stored()).toContainEqual({ hall: 'B', number: 2, holder: 'nobody' })
  })

  test('nothing, and rows of defaults alone', async () => {
    expect(await seats().insert([]).select()).toMatchObject({ status: 201, data: [] })
    const made = await world.admin.from('countries').insert({}).select('id')
    expect(made.error).toMatchObject({ code: '23502' })
    const players = await world.http('countries?select=tags', {
      method: 'POST',
      headers: { ...admin(), prefer: 'return=representation' },
      body: '{"name":"X","tags":["a","b"],"facts":{"deep":[1,{"x":null}]},"reign":"[2000-01-01,2001-01-01)","mood":"busy"}',
    })
    expect(await players.json()).toEqual([{ tags: ['a', 'b'] }])
    await world.admin.from('countries').delete().eq('name', 'X')
  })

  test('shows related rows of what it made', async () => {
    const { data, error } = await world.admin
      .from('cities')
      .insert({ name: 'Valdivia', country_id: 2 })
      .select('name,country:countries(name),mayors(name)')
      .single()
    expect({ data, error }).toEqual({
      data: { name: 'Valdivia', country: { name: 'Chile' }, mayors: null },
      error: null,
    })
    const employee = await world.admin
      .from('employees')
      .insert({ id: 9, first_name: 'New', last_name: 'One', boss_id: 1 })
      .select('full_name,boss_id(full_name),colleagues(id)')
    expect(employee).toMatchObject({
      error: null,
      data: [{ full_name: 'New One', boss_id: { full_name: 'Big Boss' } }],
    })
    await world.admin.from('employees').delete().eq('id', 9)
    await world.admin.from('cities').delete().eq('name', 'Valdivia')
  })

  test('counts what it made, found and changed', async () => {
    const made = await seats().insert(
      [
        { hall: 'N', number: 1 },
        { hall: 'N', number: 2 },
      ],
      { count: 'exact' },
    )
    expect(made).toMatchObject({ status: 201, count: 2, data: null })
    const again = await seats().upsert(
      [
        { hall: 'N', number: 1 },
        { hall: 'N', number: 3 },
      ],
      { count: 'exact' },
    )
    expect(again).toMatchObject({ status: 201, count: 2 })
    expect(await seats().delete({ count: 'exact' }).eq('hall', 'N')).toMatchObject({ status: 204, count: 3 })
  })

  test('CSV and forms', async () => {
    const csv = await send('POST', 'seats', 'hall,number,holder\nC,1,"x, ""y"""\nC,2,NULL\n', {
      'content-type': 'text/csv',
    })
    expect(csv.status).toBe(201)
    const form = await send('POST', 'seats', 'hall=D&number=7', {
      'content-type': 'application/x-www-form-urlencoded',
    })
    expect(form.status).toBe(201)
    expect(await stored()).toEqual(
      expect.arrayContaining([
        { hall: 'C', number: 1, holder: 'x, "y"' },
        { hall: 'C', number: 2, holder: null },
        { hall: 'D', number: 7, holder: 'nobody' },
      ]),
    )
  })
})

describe('upsert', () => {
  test('merges, and says whether anything is new', async () => {
    const merge = { prefer: 'resolution=merge-duplicates,return=representation' }
    const old = await send('POST', 'seats', [{ hall: 'A', number: 1, holder: 'x' }], merge)
    expect([old.status, await old.json()]).toEqual([200, [{ hall: 'A', number: 1, holder: 'x' }]])
    expect(old.headers.get('preference-applied')).toBe('resolution=merge-duplicates, return=representation')
    const both = await send(
      'POST',
      'seats',
      [
        { hall: 'A', number: 1, holder: 'y' },
        { hall: 'A', number: 9, holder: 'z' },
      ],
      merge,
    )
    expect(both.status).toBe(201)
    expect(await stored()).toEqual([
      { hall: 'A', number: 1, holder: 'y' },
      { hall: 'A', number: 2, holder: 'grace' },
      { hall: 'A', number: 9, holder: 'z' },
    ])
  })

  test('ignores duplicates, by any unique columns', async () => {
    const ignored = await world.admin
      .from('countries')
      .upsert({ name: 'Second Norway', code: 'NO' }, { onConflict: 'code', ignoreDuplicates: true })
      .select()
    expect(ignored).toMatchObject({ status: 201, data: [], error: null })
    const merged = await world.admin
      .from('countries')
      .upsert({ name: 'Norway!', code: 'NO' }, { onConflict: 'code' })
      .select('id,name')
    expect(merged).toMatchObject({ status: 200, data: [{ id: 1, name: 'Norway!' }] })
    await world.admin.from('countries').update({ name: 'Norway' }).eq('id', 1)
    const wrong = await world.admin.from('countries').upsert({ name: 'x' }, { onConflict: 'name' })
    expect(wrong.error).toMatchObject({ code: '42P10' })
  })

  test('puts one row under its key', async () => {
    const put = (body: unknown, path = 'seats?hall=eq.P&number=eq.1') =>
      send('PUT', path, body, { prefer: 'return=representation' })
    const made = await put({ hall: 'P', number: 1, holder: 'a' })
    expect([made.status, await made.json()]).toEqual([201, [{ hall: 'P', number: 1, holder: 'a' }]])
    const changed = await put({ hall: 'P', number: 1, holder: 'b' })
    expect([changed.status, await changed.json()]).toEqual([200, [{ hall: 'P', number: 1, holder: 'b' }]])
    expect(await (await put({ hall: 'P', number: 2, holder: 'b' })).json()).toMatchObject({
      code: 'PGRST115',
    })
    expect((await put({ hall: 'P', number: 1, holder: 'c' }, 'seats?hall=eq.P')).status).toBe(405)
    expect(
      (await send('PUT', 'seats?hall=eq.P&number=eq.1', { hall: 'P', number: 1, holder: 'd' })).status,
    ).toBe(204)
    expect(await stored()).toContainEqual({ hall: 'P', number: 1, holder: 'd' })
  })
})

describe('update and delete', () => {
  test('change what the filters let through', async () => {
    const { data, count, status } = await seats()
      .update({ holder: 'eve' }, { count: 'exact' })
      .gte('number', 2)
      .select('number')
    expect({ data, count, status }).toEqual({ data: [{ number: 2 }], count: 1, status: 200 })
    const response = await send('PATCH', 'seats?number=eq.1', { holder: null })
    expect([response.status, response.headers.get('content-range')]).toEqual([204, '0-0/*'])
    expect(await seats().update({ holder: 'x' }).eq('number', 77).select()).toMatchObject({
      status: 200,
      data: [],
    })
    expect(await seats().update({}).eq('number', 1).select()).toMatchObject({ status: 200, data: [] })
    expect(await seats().delete({ count: 'exact' }).eq('number', 1).select()).toMatchObject({
      count: 1,
      data: [{ holder: null }],
    })
    expect(await stored()).toEqual([{ hall: 'A', number: 2, holder: 'eve' }])
  })

  test('show columns as they are after the change, whatever the filter was', async () => {
    const { data } = await seats().update({ number: 5 }).eq('number', 1).order('number').select('number')
    expect(data).toEqual([{ number: 5 }])
  })

  test('by conditions on several columns and trees', async () => {
    const { data } = await seats()
      .delete()
      .or('number.eq.2,holder.eq.nobody')
      .eq('hall', 'A')
      .select('number')
    expect(data).toEqual([{ number: 2 }])
  })

  test('never without a filter', async () => {
    expect(await seats().update({ holder: 'x' })).toMatchObject({
      status: 400,
      error: { code: '21000', message: 'UPDATE requires a WHERE clause' },
    })
    expect((await seats().delete()).error).toMatchObject({ message: 'DELETE requires a WHERE clause' })
    expect(await stored()).toHaveLength(2)
  })
})

describe('what is rolled back', () => {
  test('a single object that is not single', async () => {
    const { error, status } = await seats().update({ holder: 'x' }).eq('hall', 'A').select().single()
    expect({ error, status }).toMatchObject({
      status: 406,
      error: {
        code: 'PGRST116',
        details: 'The result contains 2 rows',
        message: 'Cannot coerce the result to a single JSON object',
      },
    })
    expect((await seats().delete().eq('hall', 'none').select().maybeSingle()).data).toBeNull()
    expect(await stored()).toContainEqual({ hall: 'A', number: 1, holder: 'ada' })
  })

  test('more rows than max-affected', async () => {
    const { error } = await seats().delete().eq('hall', 'A').maxAffected(1)
    expect(error).toMatchObject({ code: 'PGRST124', details: 'The query affects 2 rows' })
    expect(await stored()).toHaveLength(2)
    const hidden = await seats().delete().eq('hall', 'A').maxAffected(1).select().limit(1)
    expect(hidden.error).toMatchObject({ code: 'PGRST124' })
    expect((await seats().delete().eq('hall', 'A').maxAffected(2)).status).toBe(204)
  })

  test('what asked for it', async () => {
    const { data, error } = await seats().insert({ hall: 'T', number: 1 }).select('hall').rollback()
    expect({ data, error }).toEqual({ data: [{ hall: 'T' }], error: null })
    expect(await stored()).toHaveLength(2)
  })

  test('all rows of an insert when one fails', async () => {
    const { error, status } = await seats().insert([
      { hall: 'Q', number: 1 },
      { hall: 'A', number: 1 },
    ])
    expect({ error, status }).toMatchObject({ status: 409, error: { code: '23505' } })
    expect(await stored()).toHaveLength(2)
  })
})
