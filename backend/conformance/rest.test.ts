import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type World } from './rest-client'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

describe('reading', () => {
  test('selects all columns of all rows', async () => {
    const { data, error, status } = await world.anon.from('teams').select()
    expect({ data, error, status }).toEqual({
      data: [
        { id: 1, name: 'Red' },
        { id: 2, name: 'Blue' },
      ],
      error: null,
      status: 200,
    })
  })

  test('embeds in every direction', async () => {
    const { data, error } = await world.anon
      .from('countries')
      .select('name,towns:cities(name,mayors(name))')
      .order('id')
      .limit(2)
    expect(error).toBeNull()
    expect(data).toEqual([
      {
        name: 'Norway',
        towns: [
          { name: 'Oslo', mayors: { name: 'Anne' } },
          { name: 'Bergen', mayors: null },
        ],
      },
      { name: 'Chile', towns: [{ name: 'Santiago', mayors: { name: 'Mario' } }] },
    ])
    const players = await world.anon.from('players').select('name,teams(name)').order('id')
    expect(players.data).toEqual([
      { name: 'Ada', teams: [{ name: 'Red' }, { name: 'Blue' }] },
      { name: 'Grace', teams: [{ name: 'Blue' }] },
      { name: 'Alone', teams: [] },
    ])
  })
})

describe('writing', () => {
  test('inserts, updates, upserts and deletes', async () => {
    const seats = () => world.admin.from('seats')
    const made = await seats()
      .insert([
        { hall: 'A', number: 1, holder: 'ada' },
        { hall: 'A', number: 2, holder: null },
      ])
      .select()
    expect(made).toMatchObject({ status: 201, error: null })
    expect(made.data).toHaveLength(2)
    const changed = await seats()
      .update({ holder: 'grace' })
      .eq('hall', 'A')
      .eq('number', 2)
      .select('holder')
      .single()
    expect(changed).toMatchObject({ status: 200, data: { holder: 'grace' }, error: null })
    const again = await seats()
      .upsert({ hall: 'A', number: 2, holder: 'eve' }, { ignoreDuplicates: true })
      .select()
    expect(again).toMatchObject({ status: 201, data: [], error: null })
    const merged = await seats().upsert({ hall: 'A', number: 2, holder: 'eve' }).select('holder')
    expect(merged).toMatchObject({ status: 200, data: [{ holder: 'eve' }] })
    const gone = await seats().delete().eq('hall', 'A')
    expect(gone).toMatchObject({ status: 204, error: null })
  })
})

describe('calling', () => {
  test('passes named arguments and defaults', async () => {
    expect(await world.anon.rpc('add_them', { a: 1, b: 2 })).toMatchObject({ data: 3, status: 200 })
    expect(await world.anon.rpc('add_them', { a: 1 })).toMatchObject({ data: 11 })
    expect(await world.anon.rpc('nothing')).toMatchObject({ data: null, status: 204, error: null })
  })
})
