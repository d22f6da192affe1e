import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, newId, openWorld, type Persona, type Row, refusal, type World } from './personas'

let world: World
beforeAll(async () => {
  world = await openWorld()
  for (const [who, place, body] of [
    ['member', 'secret', 'The heron plan is secret'],
    ['member', 'direct', 'Tell nobody of the heron'],
    ['owner', 'lobby', 'A heron in the lobby'],
    ['admin', 'general', 'Everybody saw the heron'],
    ['outsider', 'elsewhere', 'Another heron altogether'],
  ] as const) {
    await world.commit(who, (sql) => write(sql, place, body))
  }
})
afterAll(() => world.stop())

type Place = keyof World['channel']

async function write(sql: postgres.TransactionSql, place: Place, body: string, values: Row = {}) {
  const id = newId()
  await sql`insert into messages ${sql({ id, channel_id: world.channel[place], body, ...values })}`
  return id
}

const word = (text: string, more: Row = {}) => ({ terms: [{ text, ...more }] as unknown })
const find = (sql: postgres.TransactionSql, { terms = [], ...args }: Row, workspace_id = world.workspace) =>
  call(sql, 'search_messages', { workspace_id, terms: sql.json(terms), ...args })
const bodies = (answer: Row): string[] => answer.messages.map((message: Row) => message.body)
const search = async (who: Persona, args: Row, workspace_id = world.workspace) =>
  bodies(await world.as(who, (sql) => find(sql, args, workspace_id)))

describe('who finds what', () => {
  const seen: Record<Exclude<Persona, 'outsider' | 'anonymous'>, string[]> = {
    owner: ['Everybody saw the heron', 'A heron in the lobby'],
    admin: ['Everybody saw the heron', 'A heron in the lobby'],
    // The lobby is public: members find what they can preview.
    member: [
      'Everybody saw the heron',
      'A heron in the lobby',
      'Tell nobody of the heron',
      'The heron plan is secret',
    ],
    peer: ['Everybody saw the heron', 'A heron in the lobby', 'Tell nobody of the heron'],
    guest: ['The heron plan is secret'],
  }

  test.each(Object.entries(seen))('%s', async (who, expected) => {
    const answer = await world.as(who as Persona, (sql) => find(sql, word('heron')))
    expect(bodies(answer)).toEqual(expected)
    // Nothing else of the answer names a place or a person that is not in it.
    const places = new Set(answer.messages.map((message: Row) => message.channel_id))
    expect(answer.channels.map((channel: Row) => channel.id).sort()).toEqual([...places].sort())
    const authors = new Set(answer.messages.map((message: Row) => message.user_id))
    expect(answer.people.map((person: Row) => person.id).sort()).toEqual([...authors].sort())
    expect(answer.next).toBeNull()
  })

  test('somebody of another workspace finds that one, and no word of this', async () => {
    expect(await search('outsider', word('heron'), world.elsewhere)).toEqual(['Another heron altogether'])
    for (const workspace of [world.workspace, newId()]) {
      expect(await refusal(search('outsider', word('heron'), workspace))).toBe('workspace_not_found')
    }
    expect(await refusal(search('member', word('heron'), world.elsewhere))).toBe('workspace_not_found')
    expect(await refusal(search('anonymous', word('heron')))).toBe('42501')
  })

  test('a hidden place or author is as if there were none', async () => {
    for (const [who, place] of [
      ['owner', '#secret'],
      ['guest', '#general'],
      ['guest', '#lobby'],
      ['admin', '@mia.member'],
      ['member', '@nobody'],
      ['member', '#nowhere'],
    ] as const) {
      const answer = await world.as(who, (sql) => find(sql, { ...word('heron'), in_places: [place] }))
      const nowhere = await world.as(who, (sql) => find(sql, { ...word('heron'), in_places: ['#no-such'] }))
      expect(answer).toEqual(nowhere)
      expect(answer).toEqual({ messages: [], people: [], channels: [], next: null })
    }
    for (const handle of ['otto.outsider', 'nobody']) {
      expect(await search('member', { from_handles: [handle] })).toEqual([])
    }
  })

  test('what one may read ends at once, and comes back', async () => {
    const { admin } = world.database
    const token = await world.signIn(world.id.peer)
    const found = () => world.withToken(token, (sql) => find(sql, word('heron'))).then(bodies)
    const all = await found()
    expect(all).toHaveLength(3)
    const membership = { channel_id: world.channel.direct, user_id: world.id.peer }
    await admin`delete from channel_members where channel_id = ${membership.channel_id} and user_id = ${membership.user_id}`
    expect(await found()).toEqual(['Everybody saw the heron', 'A heron in the lobby'])
    await admin`insert into channel_members ${admin({ ...membership, workspace_id: world.workspace })}`
    expect(await found()).toEqual(all)

    // A person who must prove more, whose session ended, or who is shut out, is nobody.
    const factor =
      await admin`insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
      values (gen_random_uuid(), ${world.id.peer}, 'totp', 'verified', now(), now()) returning id`
    expect(await refusal(found())).toBe('workspace_not_found')
    await admin`delete from auth.mfa_factors where id = ${factor[0]?.id}`
    await admin`update auth.users set banned_until = now() + interval '1 hour' where id = ${world.id.peer}`
    expect(await refusal(found())).toBe('workspace_not_found')
    await admin`update auth.users set banned_until = null where id = ${world.id.peer}`
    expect(await found()).toEqual(all)
    await admin`delete from auth.sessions where id = ${token.session_id}`
    expect(await refusal(found())).toBe('workspace_not_found')
  })

  test('whoever leaves the workspace, or is deactivated, finds nothing there', async () => {
    const who = { workspace_id: world.workspace, user_id: world.id.peer }
    for (const verb of ['deactivate_member', 'remove_workspace_member']) {
      await world.scene(async (speak) => {
        let sql = await speak('peer')
        expect(bodies(await find(sql, word('heron')))).toHaveLength(3)
        sql = await speak('owner')
        await call(sql, verb, who)
        sql = await speak('peer')
        expect(await refusal(sql.savepoint((inner) => find(inner, word('heron'))))).toBe(
          'workspace_not_found',
        )
      })
    }
  })
})

describe('a message is found', () => {
  test('by what it says now: edited, deleted, moved, in an archived channel', async () => {
    await world.scene(async (speak) => {
      const finds = async (who: Persona, text: string) => bodies(await find(await speak(who), word(text)))
      const id = await write(await speak('member'), 'random', 'Meet at the quay')
      expect(await finds('admin', 'quay')).toEqual(['Meet at the quay'])
      let sql = await speak('member')
      await sql`update messages set body = 'Meet at the pier' where id = ${id}`
      expect(await finds('admin', 'quay')).toEqual([])
      expect(await finds('admin', 'pier')).toEqual(['Meet at the pier'])

      sql = await speak('admin')
      await call(sql, 'archive_channel', { channel_id: world.channel.random })
      expect(await finds('peer', 'pier')).toEqual(['Meet at the pier'])
      expect(await finds('guest', 'pier')).toEqual([])
      sql = await speak('admin')
      await call(sql, 'unarchive_channel', { channel_id: world.channel.random })

      sql = await speak('member')
      await call(sql, 'delete_message', { message_id: id })
      for (const text of ['quay', 'pier', 'meet']) expect(await finds('member', text)).toEqual([])
      expect(bodies(await find(await speak('member'), { in_places: ['#random'] }))).toEqual([])
    })
  })

  test('where it is, not where it was', async () => {
    const { admin } = world.database
    const id = await world.commit('owner', (sql) => write(sql, 'general', 'To be moved away'))
    expect(await search('peer', word('moved'))).toEqual(['To be moved away'])
    const seq = 100
    await admin`update messages set channel_id = ${world.channel.secret}, seq = ${seq} where id = ${id}`
    expect(await search('peer', word('moved'))).toEqual([])
    expect(await search('owner', { ...word('moved'), in_places: ['#general'] })).toEqual([])
    expect(await search('guest', word('moved'))).toEqual(['To be moved away'])
    await admin`delete from messages where id = ${id}`
    expect(await search('guest', word('moved'))).toEqual([])
  })

  test('by the names of its files', async () => {
    const { admin } = world.database
    const id = newId()
    const files = admin.json([{ id: newId(), name: 'Budget_2027 (final).xlsx', type: 'x/y', size: 1 }])
    await admin`insert into messages (id, channel_id, user_id, body, attachments)
      values (${id}, ${world.channel.general}, ${world.id.member}, 'Have a look', ${files})`
    for (const text of ['budget', 'budget_2027', 'xlsx', 'Budget 2027 final']) {
      expect(await search('peer', word(text)), text).toEqual(['Have a look'])
    }
    expect(await search('peer', { has: ['file'] })).toEqual(['Have a look'])
    expect(await search('peer', { ...word('look'), has_not: ['file'] })).toEqual([])
    await world.commit('member', (sql) => call(sql, 'delete_message', { message_id: id }))
    expect(await search('peer', word('budget'))).toEqual([])
    expect(await search('peer', { has: ['file'] })).toEqual([])
  })
})

describe('what is searched', () => {
  const long = 'w'.repeat(300)
  const texts = {
    umlauts: 'Schöne Grüße aus Köln, naïve café',
    code: 'Call getUserName() in src/app/main.ts or foo_bar-baz at 10.0.0.1:8080',
    link: 'See https://example.com/docs/search?page=2#top',
    japanese: '東京都に住んでいます。会議は明日です',
    korean: '회의를 내일 합니다',
    thai: 'สวัสดีครับทุกคน',
    cyrillic: 'Привет, Ёжик',
    phrase: 'One step after the other step',
    marked: '**bold**text and ~~gone~~ @mia.member #general',
    long: `A key ${long} here`,
    soft: 'Donau\u00addampfschiff and zero\u200bwidth',
    number: 'Ticket 4711 costs 3,50 €',
  }
  beforeAll(async () => {
    for (const body of Object.values(texts)) {
      await world.commit('admin', (sql) => write(sql, 'general', body))
    }
  })

  test.each<[string, Row, (keyof typeof texts)[]]>([
    ['grusse', {}, ['umlauts']],
    ['GRÜSSE', {}, ['umlauts']],
    ['koln', {}, ['umlauts']],
    ['cafe', {}, ['umlauts']],
    ['gru', { prefix: true }, ['umlauts']],
    ['gru', {}, []],
    ['getusername', {}, ['code']],
    ['getuser', { prefix: true }, ['code']],
    ['username', {}, []],
    ['main.ts', {}, ['code']],
    ['src/app/main.ts', {}, ['code']],
    ['foo_bar', {}, ['code']],
    ['foo-bar-baz', {}, ['code']],
    ['10.0.0.1', {}, ['code']],
    ['10.0.0.2', {}, []],
    ['0.0.10', {}, []],
    ['example.com', {}, ['link']],
    ['https://example.com/docs', {}, ['link']],
    ['example.com/doc', { prefix: true }, ['link']],
    ['東京', {}, ['japanese']],
    ['京都', {}, ['japanese']],
    ['都', {}, ['japanese']],
    ['す', {}, ['japanese']],
    ['会議は明日', {}, ['japanese']],
    ['会議は昨日', {}, []],
    ['東会', {}, []],
    ['회의', {}, ['korean']],
    ['ทุกคน', {}, ['thai']],
    ['привет', {}, ['cyrillic']],
    ['ежик', {}, ['cyrillic']],
    ['step after', {}, ['phrase']],
    ['step the', {}, []],
    ['other step', {}, ['phrase']],
    ['other st', { prefix: true }, []],
    ['other ste', { prefix: true }, ['phrase']],
    ['bold', {}, ['marked']],
    ['@mia.member', {}, ['marked']],
    ['#general', {}, ['marked']],
    ['w'.repeat(200), {}, []],
    ['w'.repeat(200), { prefix: true }, ['long']],
    ['donaudampfschiff', {}, ['soft']],
    ['zerowidth', {}, ['soft']],
    ['4711', {}, ['number']],
    ['3,50', {}, ['number']],
    ['3,5', {}, []],
  ])('%s %j', async (text, more, expected) => {
    expect(await search('member', word(text, more))).toEqual(expected.map((key) => texts[key]))
  })

  test('several terms are all of them, and "not" is none of them', async () => {
    const one = (...terms: Row[]) => search('member', { terms })
    expect(await one({ text: 'step' }, { text: 'other' })).toEqual([texts.phrase])
    expect(await one({ text: 'step' }, { text: 'heron' })).toEqual([])
    expect(await one({ text: 'heron' }, { text: 'lobby', not: true })).toHaveLength(3)
    expect(await one({ text: 'heron' }, { text: 'the heron', not: true })).toEqual(['A heron in the lobby'])
    expect(await one({ text: 'heron' }, { text: 'lob', prefix: true, not: true })).toHaveLength(3)
    expect(await one({ text: '会議' }, { text: '昨日', not: true })).toEqual([texts.japanese])
    expect(await one({ text: '会議' }, { text: '明日', not: true })).toEqual([])
    const without = await one({ text: 'heron', not: true })
    expect(without).toContain('Welcome, everybody')
    expect(without.join()).not.toContain('heron')
  })

  test('a text of any kind can be sent, and what is searched for in it is found', async () => {
    const hostile = [
      `${'字'.repeat(20_000)}${'\uFDFA'.repeat(19_000)} needle`,
      `needle ${Array.from({ length: 6_000 }, (_, n) => `w${n}`).join(' ')}`.slice(0, 40_000),
      `needle ${'x'.repeat(39_000)}`,
      "needle ' & | ! :* <-> \\ %_ \" #c1 #u2 '); drop table messages; --",
      `needle ${'\u0301'.repeat(5_000)} ${'👩‍👩‍👧'.repeat(500)}`,
    ]
    await world.scene(async (speak) => {
      let sql = await speak('admin')
      for (const body of hostile) await write(sql, 'random', body)
      sql = await speak('member')
      // The first is behind what is looked at of a long message.
      expect(bodies(await find(sql, word('needle')))).toEqual(hostile.slice(1).reverse())
      expect(bodies(await find(sql, word('字字字')))).toEqual([hostile[0]])
      expect(bodies(await find(sql, word('drop table')))).toEqual([hostile[3]])
    })
  })

  test.each<[string, Row]>([
    ['search_empty', {}],
    ['search_empty', word(':-)')],
    ['search_empty', { has: [], in_places: [], terms: [] }],
    ['search_invalid', { terms: {} }],
    ['search_invalid', { terms: ['x'] }],
    ['search_invalid', { terms: [{ text: 1 }] }],
    ['search_invalid', { terms: [{ text: 'x', prefix: 'yes' }] }],
    ['search_invalid', { has: ['wings'] }],
    ['search_too_long', word('x'.repeat(201))],
    ['search_too_long', { terms: Array.from({ length: 21 }, () => ({ text: 'x' })) }],
    ['search_too_long', { from_handles: Array.from({ length: 21 }, (_, n) => `p${n}`) }],
  ])('%s: %j', async (code, args) => {
    expect(await refusal(search('member', args))).toBe(code)
  })

  test.each(['#c1', "'", "a'b", 'a & b', 'a | !b', ':*', '%', '_', '\\', '#thread', '<->', '(', '‮'])(
    'a text is only a text: %s',
    async (text) => {
      for (const more of [{}, { prefix: true }, { not: true }]) {
        const asked = search('member', { ...word(text, more), in_places: ['#general'] })
        expect(Array.isArray(await asked)).toBe(true)
      }
    },
  )
})

describe('filters', () => {
  const when = (day: number) => new Date(Date.UTC(2024, 2, day, 12))
  beforeAll(async () => {
    const { admin } = world.database
    const rows = [
      { body: 'falcon one https://a.test', user_id: world.id.admin, created_at: when(1), place: 'general' },
      { body: 'falcon two', user_id: world.id.member, created_at: when(2), place: 'general' },
      { body: 'falcon three', user_id: world.id.member, created_at: when(3), place: 'random' },
      { body: 'falcon four', user_id: world.id.peer, created_at: when(4), place: 'direct' },
    ] as const
    for (const { place, ...row } of rows) {
      await admin`insert into messages ${admin({ id: newId(), channel_id: world.channel[place], ...row })}`
    }
    const root = (await admin`select id from messages where body = 'falcon two'`)[0]?.id
    await admin`insert into messages ${admin({
      id: newId(),
      channel_id: world.channel.general,
      thread_id: root,
      user_id: world.id.peer,
      body: 'falcon reply',
      created_at: when(5),
    })}`
    const about = { message_id: root, user_id: world.id.admin, emoji: '🦅' }
    await admin`insert into reactions ${admin({ ...about, channel_id: world.channel.general })}`
  })

  test.each<[Row, string]>([
    [{}, 'reply four three two one'],
    [{ from_handles: ['mia.member'] }, 'three two'],
    [{ from_handles: ['mia.member', 'adam.admin'] }, 'three two one'],
    [{ not_from_handles: ['mia.member'] }, 'reply four one'],
    [{ not_from_handles: ['nobody'] }, 'reply four three two one'],
    [{ in_places: ['#general'] }, 'reply two one'],
    [{ in_places: ['#GENERAL'] }, ''],
    [{ in_places: ['#general', '@pete.peer'] }, 'reply four two one'],
    [{ not_in_places: ['#general'] }, 'four three'],
    [{ in_places: ['#general'], not_in_places: ['#general'] }, ''],
    [{ since: when(2) }, 'reply four three two'],
    [{ until: when(2) }, 'one'],
    [{ since: when(2), until: when(4) }, 'three two'],
    [{ since: when(4), until: when(2) }, ''],
    [{ since: '1960-01-01', until: '9000-01-01' }, 'reply four three two one'],
    [{ until: '1960-01-01' }, ''],
    [{ has: ['link'] }, 'one'],
    [{ has_not: ['link'] }, 'reply four three two'],
    [{ has: ['reaction'] }, 'two'],
    [{ has: ['reaction', 'link'] }, ''],
    [{ in_thread: true }, 'reply two'],
    [{ in_thread: false }, 'four three one'],
    [{ in_thread: true, from_handles: ['pete.peer'], since: when(3) }, 'reply'],
  ])('%j', async (filter, expected) => {
    const found = await search('member', { ...word('falcon'), ...filter })
    expect(found.map((body) => body.split(' ')[1]).join(' ')).toBe(expected)
  })

  test('stand without words, too', async () => {
    const args = { since: when(1), until: when(9), in_places: ['#general'] }
    expect(await search('member', args)).toEqual(['falcon reply', 'falcon two', 'falcon one https://a.test'])
    expect(await search('peer', { in_places: ['@mia.member'] })).toContain('falcon four')
  })

  test('page by page every hit comes once, newest first', async () => {
    const { admin } = world.database
    // Many at the same moment, and gaps of hours, days and years.
    const gaps = ['0', '0', '0', '1 second', '3 hours', '2 days', '40 days', '400 days', '9 years']
    for (let n = 0; n < 45; n++) {
      await admin`insert into messages (id, channel_id, user_id, body, created_at)
        values (${newId()}, ${world.channel.random}, ${world.id.peer}, ${`osprey ${n}`},
          timestamptz '2026-01-01' - ${gaps[n % gaps.length] as string}::interval * ${1 + (n % 5)}::int)`
    }
    const due =
      await admin`select body from messages where body like 'osprey %' order by created_at desc, id desc`
    for (const page_size of [1, 7, 50]) {
      const found: string[] = []
      let next: Row | null = {}
      for (let pages = 0; next && pages < 60; pages++) {
        const cursor: Row = next
        const answer = await world.as('member', (sql) =>
          find(sql, { ...word('osprey'), page_size, ...cursor }),
        )
        expect(answer.messages.length).toBeLessThanOrEqual(page_size)
        found.push(...bodies(answer))
        next = answer.next
      }
      expect(found).toEqual(due.map(({ body }) => body))
    }
  })
})
