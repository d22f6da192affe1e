import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, newId, openWorld, type Persona, type Row, refusal, type World } from './personas'

type Sql = Parameters<Parameters<World['as']>[1]>[0]
let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.commit('member', (sql) =>
    save(sql, { channel_id: world.channel.secret, body: 'Half a thought' }),
  )
  await world.commit('guest', (sql) => save(sql, { channel_id: world.channel.secret, body: 'Mine' }))
})
afterAll(() => world.stop())

const save = (sql: Sql, values: Row) =>
  sql`insert into drafts ${sql(values)} on conflict (user_id, channel_id, thread_id)
    do update set user_id = excluded.user_id, channel_id = excluded.channel_id, body = excluded.body returning *`
const saves = (who: Persona, values: Row) => world.as(who, (sql) => save(sql, values))
const seen = (who: Persona) => world.as(who, (sql) => sql`select body from drafts`)

describe.each(['owner', 'admin'] as const)('%s', (who) => {
  test('sees and changes no draft of others, writes in own channels', async () => {
    expect(await seen(who)).toEqual([])
    expect((await world.as(who, (sql) => sql`update drafts set body = 'x'`)).count).toBe(0)
    expect((await world.as(who, (sql) => sql`delete from drafts`)).count).toBe(0)
    expect(await saves(who, { channel_id: world.channel.general, body: 'x' })).toHaveLength(1)
    expect(await refusal(saves(who, { channel_id: world.channel.secret, body: 'x' }))).toBe('42501')
  })
})

describe('member', () => {
  test('keeps one draft per place, also per thread, and clears it', async () => {
    await world.scene(async (speak) => {
      const sql = await speak('member')
      const place = { channel_id: world.channel.secret, user_id: world.id.member }
      await save(sql, { ...place, body: 'A whole thought' })
      await save(sql, { ...place, thread_id: world.message.secret, body: 'A reply' })
      expect(await sql`select body from drafts order by body`).toEqual([
        { body: 'A reply' },
        { body: 'A whole thought' },
      ])
      await save(sql, { ...place, body: '' })
      const { drafts } = await call(sql, 'bootstrap')
      expect(drafts).toMatchObject([{ thread_id: world.message.secret, body: 'A reply' }])
      expect(Object.keys(drafts[0]).sort()).toEqual(['body', 'channel_id', 'thread_id', 'updated_at'])
    })
  })

  test('writes in the own name, in own channels, 40,000 characters at most', async () => {
    const place = { channel_id: world.channel.secret, body: 'x' }
    expect(await refusal(saves('member', { ...place, user_id: world.id.guest }))).toBe('42501')
    expect(await refusal(saves('member', { ...place, channel_id: world.channel.lobby }))).toBe('42501')
    expect(await refusal(saves('member', { ...place, channel_id: newId() }))).toBe('42501')
    expect(await refusal(saves('member', { ...place, body: 'x'.repeat(40_001) }))).toBe('23514')
    const hand = world.as('member', (sql) => sql`update drafts set user_id = ${world.id.guest}`)
    expect(await refusal(hand)).toBe('42501')
  })
})

describe('guest', () => {
  test('sees the own draft, writes in own channels', async () => {
    expect(await seen('guest')).toEqual([{ body: 'Mine' }])
    expect(await refusal(saves('guest', { channel_id: world.channel.general, body: 'x' }))).toBe('42501')
  })
})

describe('outsider', () => {
  test('sees none, and no error tells which messages exist', async () => {
    expect(await seen('outsider')).toEqual([])
    const place = { channel_id: world.channel.elsewhere, body: 'x' }
    expect(await saves('outsider', { ...place, thread_id: world.message.secret })).toHaveLength(1)
    expect(await saves('outsider', { ...place, thread_id: newId() })).toHaveLength(1)
    expect(await refusal(saves('outsider', { channel_id: world.channel.general, body: 'x' }))).toBe('42501')
  })
})

describe('anonymous', () => {
  test('may not even ask', async () => {
    expect(await refusal(seen('anonymous'))).toBe('42501')
    expect(await refusal(saves('anonymous', { channel_id: world.channel.general, body: 'x' }))).toBe('42501')
  })
})
