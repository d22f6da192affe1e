import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId, openWorld, type Persona, refusal, type World } from './personas'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.stop())

const seen = (who: Persona) =>
  world.as(who, async (sql) => {
    const rows = await sql`select channel_id from channel_heads`
    return Object.entries(world.channel)
      .filter(([, id]) => rows.some((row) => row.channel_id === id))
      .map(([name]) => name)
  })

describe.each([
  ['owner', ['general', 'random', 'lobby']],
  ['admin', ['general', 'random']],
  ['member', ['general', 'random', 'secret', 'direct']],
  ['guest', ['secret']],
  ['outsider', ['elsewhere']],
] as const)('%s', (who, channels) => {
  test('sees the counters of own channels and changes none', async () => {
    expect(await seen(who)).toEqual(channels)
    expect(await refusal(world.as(who, (sql) => sql`update channel_heads set last_seq = 0`))).toBe('42501')
    expect(await refusal(world.as(who, (sql) => sql`delete from channel_heads`))).toBe('42501')
  })
})

describe('anonymous', () => {
  test('may not even ask', async () => {
    expect(await refusal(seen('anonymous'))).toBe('42501')
  })
})

test('counts members, messages and changes', async () => {
  await world.scene(async (speak) => {
    const sql = await speak('member')
    const head = () =>
      sql`select last_seq, last_rev, member_count from channel_heads where channel_id = ${world.channel.secret}`
    expect(await head()).toEqual([{ last_seq: '1', last_rev: '1', member_count: 2 }])
    const id = newId()
    await sql`insert into messages (id, channel_id, body) values (${id}, ${world.channel.secret}, 'One')`
    await sql`update messages set body = 'Two' where id = ${id}`
    expect(await head()).toEqual([{ last_seq: '2', last_rev: '3', member_count: 2 }])
  })
})
