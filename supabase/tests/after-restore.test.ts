import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, newId, openWorld, PERSONAS, type Row, refusal, type World } from './personas'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world?.stop())

const changes = (since_rev: number) =>
  world.as('member', (sql) => call(sql, 'channel_changes', { channel_id: world.channel.general, since_rev }))
const head = async (): Promise<Row> => {
  const [row] = await world.database.admin`
    select last_seq::int, last_rev::int, min_rev::int from public.channel_heads where channel_id = ${world.channel.general}`
  return row ?? {}
}

test('after a restore every cursor of before is too old, and the next message continues the order', async () => {
  const before = await head()
  // Of what a browser heard after the backup nothing is left.
  const ahead = before.last_rev + 500
  await world.database.admin`select private.after_restore()`
  const after = await head()
  expect(after.last_seq).toBe(before.last_seq)
  expect(after.min_rev).toBe(after.last_rev)
  for (const cursor of [before.last_rev, ahead]) {
    const { min_rev } = await changes(cursor)
    expect(min_rev).toBeGreaterThan(cursor)
  }
  await world.commit(
    'member',
    (sql) =>
      sql`insert into public.messages (id, channel_id, body) values (${newId()}, ${world.channel.general}, 'on we go')`,
  )
  expect(await head()).toMatchObject({ last_seq: before.last_seq + 1, last_rev: after.last_rev + 1 })
  const { messages, min_rev } = await changes(after.last_rev)
  expect(min_rev).toBeLessThanOrEqual(after.last_rev)
  expect(messages).toMatchObject([{ body: 'on we go', rev: after.last_rev + 1 }])
})

test.each(PERSONAS)('%s cannot call it', async (who) => {
  expect(await refusal(world.as(who, (sql) => sql`select private.after_restore()`))).toBe('42501')
})
