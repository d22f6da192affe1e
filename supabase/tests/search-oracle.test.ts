import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, newId, openWorld, type Row, type World } from './personas'

// A20: whatever is searched for, people find exactly what a look at every message they may read finds.

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.stop())

const WORDS = ['ant', 'bee', 'cat', 'dog', 'élan', 'fox', 'gnu', 'hen', '猫犬', '犬猫']
const WHO = ['owner', 'admin', 'member', 'peer', 'guest'] as const
const PLACES = ['general', 'random', 'lobby', 'secret', 'direct'] as const

/** The same numbers each time, so that what fails can be looked at. */
function dice(seed: number) {
  return (sides: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor((seed / 2 ** 31) * sides)
  }
}

const fold = (text: string) => ` ${text.replaceAll('é', 'e')} `
const sign = /[猫犬]/
const holds = (body: string, { text }: Row) => {
  const wanted = fold(text).trim()
  const from = sign.test(wanted.at(0) ?? '') ? '' : ' '
  const to = sign.test(wanted.at(-1) ?? '') ? '' : ' '
  return fold(body).includes(from + wanted + to)
}

test('people find what they may read, and nothing else, after every change', {
  timeout: 120_000,
}, async () => {
  const { admin } = world.database
  const roll = dice(7)
  const pick = <T>(list: readonly T[]) => list[roll(list.length)] as T
  const say = () => Array.from({ length: 1 + roll(5) }, () => pick(WORDS)).join(' ')
  for (let n = 0; n < 300; n++) {
    // From moments to years ago: every step of the search has something to find.
    const age = Math.floor(60 * 10 ** (roll(600) / 100))
    const author = world.id[pick(WHO)]
    await admin`insert into messages (id, channel_id, user_id, body, created_at)
      values (${newId()}, ${world.channel[pick(PLACES)]}, ${author}, ${say()}, now() - ${age} * interval '1 second')`
  }
  let hits = 0
  for (let round = 0; round < 120; round++) {
    const messages = await admin`select id, channel_id, user_id, body, deleted_at from messages`
    const some = pick(messages)
    if (round % 3 === 0)
      await admin`update messages set body = ${say()} where id = ${some.id} and deleted_at is null`
    if (round % 7 === 0)
      await world
        .commit('owner', (sql) => call(sql, 'delete_message', { message_id: some.id }))
        .catch(() => {})
    const person = world.id[pick(WHO.slice(2))]
    const place = { user_id: person, channel_id: world.channel[pick(PLACES)] }
    if (round % 5 === 0)
      await admin`delete from channel_members where user_id = ${place.user_id} and channel_id = ${place.channel_id}`
    if (round % 5 === 2)
      await admin`insert into channel_members ${admin({ ...place, workspace_id: world.workspace })} on conflict do nothing`

    const who = pick(WHO)
    const terms = Array.from({ length: 1 + roll(2) }, () => ({
      text: roll(3) === 0 ? `${pick(WORDS)} ${pick(WORDS)}` : pick(WORDS),
      ...(roll(4) === 0 ? { not: true } : {}),
    }))
    const author = roll(3) === 0 ? pick(['mia.member', 'olga.owner']) : null
    // What row-level security shows this person is what there is to find; public channels can be previewed, too.
    const readable = await admin`
      select m.id, m.body, p.handle from messages m
      join channels c on c.id = m.channel_id
      left join profiles p on p.id = m.user_id
      where m.deleted_at is null and (
        exists (select from channel_members x where x.channel_id = c.id and x.user_id = ${world.id[who]})
        or (c.kind = 'public' and ${who !== 'guest'} and c.workspace_id = ${world.workspace}))
      order by m.created_at desc, m.id desc`
    const due = readable
      .filter(({ body, handle }) => {
        if (author && handle !== author) return false
        return terms.every((term) => holds(body, term) !== Boolean(term.not))
      })
      .map(({ id }) => id)
    const found = await world.as(who, (sql) =>
      call(sql, 'search_messages', {
        workspace_id: world.workspace,
        terms: sql.json(terms),
        from_handles: author ? [author] : [],
        page_size: 50,
      }),
    )
    expect(
      found.messages.map((message: Row) => message.id),
      `${who} ${JSON.stringify(terms)} ${author}`,
    ).toEqual(due.slice(0, 50))
    expect(found.next === null).toBe(due.length <= 50)
    hits += due.length
  }
  expect(hits).toBeGreaterThan(500)
})
