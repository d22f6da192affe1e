import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, newId, openWorld, type Persona, type Row, refusal, type World } from './personas'

let world: World
let root: string
beforeAll(async () => {
  world = await openWorld()
  for (let n = 2; n <= 12; n++) {
    await world.commit('admin', async (sql) => {
      const id = newId()
      await sql`insert into messages (id, channel_id, body) values (${id}, ${world.channel.general}, ${`Message ${n}`})`
      if (n === 6) root = id
    })
  }
  for (const who of ['member', 'peer', 'member', 'admin'] as const) {
    await world.commit(
      who,
      (sql) => sql`insert into messages (id, channel_id, thread_id, body)
        values (${newId()}, ${world.channel.general}, ${root}, 'A reply to @olga.owner')`,
    )
  }
})
afterAll(() => world.stop())

const page = (who: Persona, args: Row = {}, place: keyof World['channel'] = 'general') =>
  world.as(who, (sql) => call(sql, 'channel_page', { channel_id: world.channel[place], ...args }))
const thread = (who: Persona, args: Row = {}) =>
  world.as(who, (sql) => call(sql, 'thread_page', { root_id: root, ...args }))
const changes = (who: Persona, args: Row = {}) =>
  world.as(who, (sql) =>
    call(sql, 'channel_changes', { channel_id: world.channel.general, since_rev: 0, ...args }),
  )
const seqs = (answer: Row) => answer.messages.map((message: Row) => message.seq)
const handles = (answer: Row) => answer.people.map((person: Row) => person.handle)

describe('owner', () => {
  test('reads the newest page with its people', async () => {
    const newest = await page('owner', { page_size: 5 })
    expect(seqs(newest)).toEqual([8, 9, 10, 11, 12])
    expect(newest).toMatchObject({
      has_before: true,
      has_after: false,
      channel: { name: 'general', is_member: true },
    })
    expect(handles(newest)).toEqual(['adam.admin'])
    const all = await page('owner')
    expect(seqs(all)).toHaveLength(12)
    expect(handles(all)).toEqual(['adam.admin', 'mia.member', 'olga.owner', 'pete.peer'])
    expect(all.messages[5]).toMatchObject({
      id: root,
      reply_count: 4,
      last_thread_seq: 4,
      last_replier_ids: [world.id.admin, world.id.member, world.id.peer],
    })
  })

  test.each([
    [{ before_seq: 4 }, [1, 2, 3], false, true],
    [{ before_seq: 12 }, [7, 8, 9, 10, 11], true, true],
    [{ before_seq: 1 }, [], false, true],
    [{ after_seq: 10 }, [11, 12], true, false],
    [{ after_seq: 0 }, [1, 2, 3, 4, 5], false, true],
    [{ after_seq: 99 }, [], true, false],
    [{ around_seq: 6 }, [4, 5, 6, 7, 8], true, true],
    [{ around_seq: 1 }, [1, 2, 3], false, true],
    [{ around_seq: 12 }, [10, 11, 12], true, false],
    [{ around_seq: 99 }, [11, 12], true, false],
    [{ before_seq: 5, page_size: -3 }, [4], true, true],
  ])('reads around any place: %j', async (args, expected, before, after) => {
    const answer = await page('owner', { page_size: 5, ...args })
    expect(seqs(answer)).toEqual(expected)
    expect(answer).toMatchObject({ has_before: before, has_after: after })
  })

  test('reads a thread and its pages', async () => {
    const all = await thread('owner')
    expect(all.root.id).toBe(root)
    expect(all.messages.map((message: Row) => message.thread_seq)).toEqual([1, 2, 3, 4])
    expect(all.has_before).toBe(false)
    expect(handles(all)).toEqual(['adam.admin', 'mia.member', 'olga.owner', 'pete.peer'])
    const earlier = await thread('owner', { before_seq: 4, page_size: 2 })
    expect(earlier.messages.map((message: Row) => message.thread_seq)).toEqual([2, 3])
    expect(earlier.has_before).toBe(true)
    const reply = all.messages[0].id
    expect(await refusal(world.as('owner', (sql) => call(sql, 'thread_page', { root_id: reply })))).toBe(
      'thread_not_found',
    )
    expect(await world.as('owner', (sql) => call(sql, 'message_context', { message_id: reply }))).toEqual({
      channel_id: world.channel.general,
      thread_id: root,
      seq: 6,
      thread_seq: 1,
    })
  })

  test('catches up page by page to what the database has', async () => {
    const stored = await world.database.admin`
      select id, rev::int from messages where channel_id = ${world.channel.general} order by rev`
    const caught: Row[] = []
    let cursor = 0
    for (let more = true; more; ) {
      const answer = await changes('owner', { since_rev: cursor, page_size: 3 })
      caught.push(...answer.messages)
      expect(answer.rev).toBeGreaterThan(cursor)
      cursor = answer.rev
      more = answer.has_more
    }
    expect(caught.map(({ id, rev }) => ({ id, rev }))).toEqual([...stored])
    expect(cursor).toBe(20)
    expect(await changes('owner', { since_rev: cursor })).toMatchObject({
      messages: [],
      rev: 20,
      has_more: false,
    })
  })

  test('has no page of a private channel', async () => {
    expect(await refusal(page('owner', {}, 'secret'))).toBe('channel_not_found')
    expect(await refusal(page('owner', {}, 'direct'))).toBe('channel_not_found')
  })
})

describe('member', () => {
  test('previews a public channel without being in it', async () => {
    const preview = await page('member', {}, 'lobby')
    expect(preview).toMatchObject({
      channel: { is_member: false, mention_count: 0, read: { last_read_seq: 1 } },
      messages: [{ body: 'Nobody here yet' }],
    })
  })
})

describe('guest', () => {
  test('reads own channels and previews none', async () => {
    expect(seqs(await page('guest', {}, 'secret'))).toEqual([1])
    expect(await refusal(page('guest'))).toBe('channel_not_found')
    expect(await refusal(page('guest', {}, 'lobby'))).toBe('channel_not_found')
    expect(await refusal(thread('guest'))).toBe('thread_not_found')
    expect(await refusal(changes('guest'))).toBe('channel_not_found')
  })
})

describe('outsider', () => {
  test('cannot tell what is there from what is not', async () => {
    for (const channel_id of [world.channel.general, newId()]) {
      expect(await refusal(page('outsider', { channel_id }))).toBe('channel_not_found')
      expect(await refusal(changes('outsider', { channel_id }))).toBe('channel_not_found')
    }
    for (const root_id of [root, newId()]) {
      expect(await refusal(thread('outsider', { root_id }))).toBe('thread_not_found')
    }
  })
})

describe('anonymous', () => {
  test('may not even ask', async () => {
    expect(await refusal(page('anonymous'))).toBe('42501')
    expect(await refusal(thread('anonymous'))).toBe('42501')
    expect(await refusal(changes('anonymous'))).toBe('42501')
  })
})

describe('threads', () => {
  test('a deleted reply leaves its root in order', async () => {
    await world.scene(async (speak) => {
      let sql = await speak('admin')
      const last = await sql`select id from messages where thread_id = ${root} and thread_seq = 4`
      await call(sql, 'delete_message', { message_id: last[0]?.id })
      const state = () =>
        sql`select reply_count, last_thread_seq::int, last_replier_ids, last_reply_at from messages where id = ${root}`
      const third = await sql`select created_at from messages where thread_id = ${root} and thread_seq = 3`
      expect(await state()).toEqual([
        {
          reply_count: 3,
          last_thread_seq: 4,
          last_replier_ids: [world.id.member, world.id.peer],
          last_reply_at: third[0]?.created_at,
        },
      ])
      // The root itself may go: its thread stays readable and open.
      await call(sql, 'delete_message', { message_id: root })
      sql = await speak('member')
      await sql`insert into messages (id, channel_id, thread_id, body) values (${newId()}, ${world.channel.general}, ${root}, 'Still here')`
      expect((await call(sql, 'thread_page', { root_id: root })).messages).toHaveLength(5)
    })
  })

  test.each(['a reply', 'a message of another channel', 'nothing', 'a deleted message without replies'])(
    'do not start at %s',
    async (what) => {
      await world.scene(async (speak) => {
        const sql = await speak('member')
        let thread_id: string = newId()
        if (what === 'a reply')
          thread_id = (await sql`select id from messages where thread_id = ${root}`)[0]?.id
        if (what === 'a message of another channel') thread_id = world.message.secret
        if (what.startsWith('a deleted')) {
          await sql`insert into messages (id, channel_id, body) values (${thread_id}, ${world.channel.general}, 'Oops')`
          await call(sql, 'delete_message', { message_id: thread_id })
        }
        const row = { id: newId(), channel_id: world.channel.general, thread_id, body: 'Reply' }
        expect(await refusal(sql.savepoint((inner) => inner`insert into messages ${inner(row)}`))).toBe(
          'thread_not_found',
        )
      })
    },
  )
})
