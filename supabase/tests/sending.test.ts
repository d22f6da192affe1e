import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { become, call, newId, openWorld, type Persona, type Row, type World } from './personas'

// Many people at one moment. Numbers must come out dense and in commit order, whatever happens in between.

type Sql = Parameters<Parameters<World['as']>[1]>[0]
let world: World
let senders: string[]
beforeAll(async () => {
  world = await openWorld()
  senders = await Promise.all(Array.from({ length: 50 }, (_, n) => world.signUp(`Sender ${n}`)))
  const { admin } = world.database
  await admin`insert into workspace_members (workspace_id, user_id) select ${world.workspace}, unnest(${senders}::uuid[])`
})
afterAll(() => world.stop())

const speakAs = <T>(person: string, work: (sql: Sql) => Promise<T>) =>
  world.database.api.begin(async (sql) => {
    await become(sql, person)
    return await work(sql)
  })
const makeChannel = async (name: string) => {
  const made = await world.commit('owner', (sql) =>
    call(sql, 'create_channel', { workspace_id: world.workspace, kind: 'public', name, member_ids: senders }),
  )
  return made.id as string
}
const send = (sql: Sql, row: Row) =>
  sql`insert into messages ${sql(row)} on conflict (id) do nothing returning id, seq::int, rev::int`
const stored = (channelId: string) =>
  world.database
    .admin`select id, seq::int, thread_id, thread_seq::int, rev::int, created_at, deleted_at from messages
    where channel_id = ${channelId} order by rev`
const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1)

test('50 people, 6 messages each: dense, no number twice, times in order', async () => {
  const channelId = await makeChannel('crowd')
  await Promise.all(
    senders.map(async (person) => {
      for (let n = 0; n < 6; n++) {
        await speakAs(person, (sql) =>
          send(sql, { id: newId(), channel_id: channelId, body: `Message ${n}` }),
        )
      }
    }),
  )
  const rows = await stored(channelId)
  expect(rows.map((row) => row.seq)).toEqual(upTo(300))
  expect(rows.map((row) => row.rev)).toEqual(upTo(300))
  const times = rows.map((row) => row.created_at.getTime())
  expect(times).toEqual([...times].sort((a, b) => a - b))
})

test('the same id ten times at one moment is one message', async () => {
  const channelId = await makeChannel('again')
  const row = { id: newId(), channel_id: channelId, body: 'Once' }
  const answers = await Promise.all(
    upTo(10).map(() => speakAs(senders[0] as string, (sql) => send(sql, row))),
  )
  expect(answers.flat()).toHaveLength(1)
  expect(await stored(channelId)).toMatchObject([{ seq: 1, rev: 1 }])
})

test('the same id from ten people at one moment belongs to one, and is refused to nine', async () => {
  const channelId = await makeChannel('stolen')
  const row = { id: newId(), channel_id: channelId, body: 'Mine' }
  const answers = await Promise.all(
    senders.slice(0, 10).map((person) =>
      speakAs(person, (sql) => send(sql, row)).then(
        () => 'sent',
        (error) => error.detail,
      ),
    ),
  )
  expect(answers.sort()).toEqual([...Array(9).fill('message_id_taken'), 'sent'])
})

test('the same id into two channels at one moment leaves no hole in either', async () => {
  const [one, two] = [await makeChannel('left'), await makeChannel('right')]
  for (const id of upTo(10).map(newId)) {
    await Promise.allSettled(
      [one, two].map((channel_id) =>
        speakAs(senders[0] as string, (sql) => send(sql, { id, channel_id, body: 'x' })),
      ),
    )
  }
  const counts = await Promise.all(
    [one, two].map(async (id) => {
      const rows = await stored(id)
      expect(rows.map((row) => row.seq)).toEqual(upTo(rows.length))
      return rows.length
    }),
  )
  expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(10)
})

test('refused and rolled back messages leave no hole', async () => {
  const channelId = await makeChannel('holes')
  const attempt = async (n: number) => {
    const row = { id: newId(), channel_id: channelId, body: n % 3 === 0 ? '\u200b' : 'x' }
    await speakAs(senders[n] as string, async (sql) => {
      await send(sql, row)
      if (n % 3 === 1) throw new Error('The connection broke')
    })
  }
  const results = await Promise.allSettled(upTo(30).map(attempt))
  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(10)
  expect((await stored(channelId)).map((row) => row.seq)).toEqual(upTo(10))
})

test('many messages in one statement are numbered in its order', async () => {
  const channelId = await makeChannel('bulk')
  const rows = upTo(20).map((n) => ({ id: newId(), channel_id: channelId, body: `Line ${n}` }))
  await speakAs(senders[0] as string, (sql) => sql`insert into messages ${sql(rows)}`)
  expect((await stored(channelId)).map((row) => row.id)).toEqual(rows.map((row) => row.id))
})

test('a root and its replies may come in one statement', async () => {
  const channelId = await makeChannel('threaded')
  const id = newId()
  const replies = upTo(5).map((n) => ({
    id: newId(),
    channel_id: channelId,
    thread_id: id,
    body: `Reply ${n}`,
  }))
  const rows = [{ id, channel_id: channelId, thread_id: null, body: 'Root' }, ...replies]
  await speakAs(senders[0] as string, (sql) => sql`insert into messages ${sql(rows)}`)
  const [root, ...rest] = await world.database.admin`
    select seq::int, thread_seq::int, reply_count, last_thread_seq::int, rev::int from messages
    where channel_id = ${channelId} order by thread_seq nulls first`
  expect(root).toEqual({ seq: 1, thread_seq: null, reply_count: 5, last_thread_seq: 5, rev: 10 })
  expect(rest.map((row) => row.thread_seq)).toEqual(upTo(5))
  expect(rest.map((row) => row.rev)).toEqual([3, 5, 7, 9, 11])
})

test('a mixed crowd: revisions are dense, nothing deadlocks, and a follower ends up equal', async () => {
  const channelId = await makeChannel('mixed')
  const roots = upTo(4).map(newId)
  for (const id of roots) {
    await speakAs(senders[0] as string, (sql) => send(sql, { id, channel_id: channelId, body: 'A root' }))
  }
  const emoji = ['👍', '🎉', '👀']
  const failures: string[] = []
  const pick = <T>(list: readonly T[], n: number) => list[n % list.length] as T

  // Each step of each person is one transaction; all run against each other.
  const live = async (person: string, who: number) => {
    const mine: string[] = []
    for (let step = 0; step < 12; step++) {
      const turn = (who * 7 + step * 5) % 6
      const message_id = pick(roots, who + step)
      const work = (sql: Sql): Promise<unknown> => {
        if (turn === 0 || mine.length === 0) {
          mine.push(newId())
          return send(sql, { id: mine.at(-1), channel_id: channelId, body: 'Something' })
        }
        if (turn === 1) {
          mine.push(newId())
          return send(sql, { id: mine.at(-1), channel_id: channelId, body: 'Reply', thread_id: message_id })
        }
        if (turn === 2)
          return sql`update messages set body = ${`Edited ${step}`} where id = ${mine.at(-1) ?? null}`
        if (turn === 3) {
          return sql`insert into reactions (message_id, emoji) values (${message_id}, ${pick(emoji, step)}) on conflict do nothing`
        }
        if (turn === 4) return sql`delete from reactions where message_id = ${message_id}`
        return call(sql, 'delete_message', { message_id: mine.pop() })
      }
      await speakAs(person, work).catch((error) => failures.push(`${error.code} ${error.message}`))
    }
  }
  const follower: { rev: number; rows: Map<string, Row> } = { rev: 0, rows: new Map() }
  const follow = async () => {
    const args = { channel_id: channelId, since_rev: follower.rev, page_size: 50 }
    const answer = await world.commit('owner', (sql) => call(sql, 'channel_changes', args))
    for (const row of answer.messages) follower.rows.set(row.id, row)
    follower.rev = answer.rev
    return answer.has_more
  }
  let running = true
  const following = (async () => {
    while (running) await follow()
  })()
  await Promise.all(senders.slice(0, 16).map(live))
  running = false
  await following
  while (await follow());

  expect(failures).toEqual([])
  const rows = await world.database
    .admin`select to_jsonb(m) as row from messages m where channel_id = ${channelId}`
  const sorted = (list: Row[]) => list.sort((a, b) => a.rev - b.rev)
  expect(sorted([...follower.rows.values()])).toEqual(sorted(rows.map(({ row }) => row)))
  const [head] = await world.database
    .admin`select last_seq::int, last_rev::int from channel_heads where channel_id = ${channelId}`
  expect(head?.last_rev).toBe(follower.rev)
  const timeline = rows.map(({ row }) => row.seq).filter((seq) => seq !== null)
  expect(timeline.sort((a, b) => a - b)).toEqual(upTo(head?.last_seq))

  // What the rows carry equals what can be counted.
  const wrong = await world.database.admin`
    select m.id from messages m where m.channel_id = ${channelId} and (
      m.reply_count <> (select count(*) from messages r where r.thread_id = m.id and r.deleted_at is null)
      or m.last_thread_seq <> (select count(*) from messages r where r.thread_id = m.id)
      or m.reactions <> coalesce((
        select jsonb_object_agg(emoji, ids) from (
          select r.emoji, jsonb_agg(r.user_id order by r.created_at, r.user_id) as ids
          from reactions r where r.message_id = m.id group by r.emoji) by_emoji), '{}'))`
  expect(wrong).toEqual([])
})

describe('archiving', () => {
  test('at the moment of sending: nothing comes in behind it', async () => {
    const channelId = await makeChannel('closing')
    const sending = senders.slice(0, 20).map(async (person) => {
      await speakAs(person, (sql) => send(sql, { id: newId(), channel_id: channelId, body: 'x' })).catch(
        () => {},
      )
    })
    const archived = await world.commit('owner', (sql) =>
      call(sql, 'archive_channel', { channel_id: channelId }),
    )
    const before = archived.head.last_seq
    await Promise.all(sending)
    expect(await stored(channelId)).toHaveLength(before)
  })
})

describe('removing somebody', () => {
  /** Does `work` in a transaction that ends only when `other` waits for one of its locks. */
  const meanwhile = async <T>(work: (sql: Sql) => Promise<unknown>, other: () => Promise<T>): Promise<T> => {
    let waiting: Promise<T> | undefined
    await world.database.admin.begin(async (sql) => {
      await work(sql)
      waiting = other()
      waiting.catch(() => {})
      const blocked = async () =>
        (await sql`select 1 from pg_stat_activity where pg_backend_pid() = any (pg_blocking_pids(pid))`)
          .length
      await expect.poll(blocked, { interval: 10 }).toBe(1)
    })
    return waiting as Promise<T>
  }
  const person = () => senders[30] as string
  const secretOf = async (name: string) => {
    const { id } = await world.commit('owner', (sql) =>
      call(sql, 'create_channel', {
        workspace_id: world.workspace,
        kind: 'private',
        name,
        member_ids: [person(), senders[31]],
      }),
    )
    const message = newId()
    await speakAs(senders[31] as string, (sql) => send(sql, { id: message, channel_id: id, body: 'Stays' }))
    return { id: id as string, message }
  }
  const leave = (channelId: string) => (sql: Sql) =>
    sql`delete from channel_members where channel_id = ${channelId} and user_id = ${person()}`

  test('at the moment of sending: nothing comes in behind it', async () => {
    const { id } = await secretOf('behind')
    const sent = meanwhile(leave(id), () =>
      speakAs(person(), (sql) => send(sql, { id: newId(), channel_id: id, body: 'Too late' })),
    )
    await expect(sent).rejects.toMatchObject({ detail: 'not_a_member' })
    expect(await stored(id)).toHaveLength(1)
  })

  // The right to read and the role are two looks at the database. In between a person may go, and what is then left is
  // the first without the second: it must not count as more than no role.
  test.each([
    ['delete_message', ({ message }: { message: string }) => ({ message_id: message })],
    ['remove_channel_member', ({ id }: { id: string }) => ({ channel_id: id, user_id: senders[31] })],
    ['archive_channel', ({ id }: { id: string }) => ({ channel_id: id })],
  ])('between two looks of %s: without a role it is refused', async (name, args) => {
    const secret = await secretOf(name.replaceAll('_', '-'))
    const { admin } = world.database
    await admin`update channels set created_by = ${person()} where id = ${secret.id}`
    await admin`delete from private.workspace_access where user_id = ${person()}`
    const done = speakAs(person(), (sql) => call(sql, name, args(secret))).finally(
      () => admin`insert into private.workspace_access
        select user_id, workspace_id, role from workspace_members where user_id = ${person()}`,
    )
    await expect(done).rejects.toMatchObject({ detail: 'not_allowed' })
  })
})

test('an import keeps authors and times, and is numbered all the same', async () => {
  const channelId = await makeChannel('imported')
  const at = new Date('2019-05-04T10:00:00Z')
  const author: Exclude<Persona, 'anonymous'> = 'peer'
  const row = {
    id: newId(),
    channel_id: channelId,
    user_id: world.id[author],
    body: 'From the old chat',
    created_at: at,
  }
  await world.database.api.begin(async (sql) => {
    await sql`select set_config('role', 'service_role', true), set_config('request.jwt.claims', '{"role":"service_role"}', true)`
    await sql`insert into messages ${sql(row)}`
  })
  expect(await stored(channelId)).toMatchObject([{ seq: 1, rev: 1, created_at: at }])
})

test('people who are removed while they send wait for nobody in a circle', async () => {
  const channelId = await makeChannel('revoked')
  const codes = new Set<string>()
  const sends = async (person: string) => {
    for (let n = 0; n < 20; n++) {
      await speakAs(person, (sql) => send(sql, { id: newId(), channel_id: channelId, body: 'x' })).catch(
        (error) => codes.add(error.detail ?? error.code),
      )
    }
  }
  const removal = async (user_id: string) => {
    await world
      .commit('owner', (sql) => call(sql, 'remove_channel_member', { channel_id: channelId, user_id }))
      .catch((error) => codes.add(`removal ${error.code}`))
  }
  const people = senders.slice(0, 8)
  await Promise.all([...people.map(sends), ...people.map(removal)])
  expect([...codes]).toEqual(['not_a_member'])
  expect((await stored(channelId)).map((row) => row.seq)).toEqual(upTo((await stored(channelId)).length))
})

test('people who leave at one moment do not lock each other out', async () => {
  const leaving = senders.slice(40)
  await Promise.all([makeChannel('exit-a'), makeChannel('exit-b'), makeChannel('exit-c')])
  await Promise.all(
    leaving.map((person) =>
      speakAs(person, (sql) => call(sql, 'leave_workspace', { workspace_id: world.workspace })),
    ),
  )
  const wrong = await world.database.admin`
    select h.channel_id from channel_heads h
    where h.member_count <> (select count(*) from channel_members m where m.channel_id = h.channel_id)`
  expect(wrong).toEqual([])
})
