import { describe, expect, test } from 'vitest'
import { arrived, collect, joined, realtimeWorld, VERSIONS } from './realtime-client'
import { joinFrame, rawSockets } from './realtime-raw'

const world = realtimeWorld()
const { open } = rawSockets(world)
const privately = { config: { private: true } }

describe.each(VERSIONS)('private topics, vsn %s', (vsn) => {
  test('members hear each other and learn from the server who speaks', async () => {
    const [ada, bob] = [await world.person([1], vsn), await world.person([1], vsn)]
    const { seen, add } = collect()
    const hers = await joined(ada.supabase.channel('room:1', privately))
    await joined(bob.supabase.channel('room:1', privately).on('broadcast', { event: 'typing' }, add))
    await hers.send({ type: 'broadcast', event: 'typing', payload: { user_id: bob.id } })
    await arrived(seen, 1)
    expect(seen[0].meta).toEqual({ user_id: ada.id })
  })

  test('a member who sends over REST is named by the server as well', async () => {
    const [ada, bob] = [await world.person([1], vsn), await world.person([1], vsn)]
    const { seen, add } = collect()
    await joined(bob.supabase.channel('room:1', privately).on('broadcast', { event: 'typing' }, add))
    const { url, publishableKey } = world.server
    const post = async (path: string, body: unknown) =>
      fetch(`${url}/realtime/v1/api/broadcast${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: {
          apikey: publishableKey,
          authorization: `Bearer ${await world.tokenFor(ada.id)}`,
          'content-type': 'application/json',
        },
      })
    const payload = { user_id: bob.id }
    await post('', { messages: [{ topic: 'room:1', event: 'typing', private: true, payload }] })
    await post('/room:1/events/typing?private=true', payload)
    await arrived(seen, 2)
    expect(seen.map(({ meta }) => meta)).toEqual([{ user_id: ada.id }, { user_id: ada.id }])
  })

  test('strangers and anonymous clients are refused, whatever the spelling of the topic', async () => {
    const bob = await world.person([2], vsn)
    for (const topic of ['room:1', 'room:1 ', 'ROOM:1', 'room%3A1', 'room:*', 'room:１']) {
      await expect(joined(bob.supabase.channel(topic, privately))).rejects.toThrow(
        /Unauthorized: You do not have permissions to read from this Channel topic/,
      )
    }
    await expect(joined(world.client(vsn).channel('room:1', privately))).rejects.toThrow(/Unauthorized/)
  })

  test('the public topic of the same name is another topic', async () => {
    const ada = await world.person([1], vsn)
    const { seen, add } = collect()
    await joined(ada.supabase.channel('room:1', privately).on('broadcast', { event: '*' }, add))
    const outside = await joined(
      world.client(vsn).channel('room:1', { config: { broadcast: { ack: true } } }),
    )
    expect(await outside.send({ type: 'broadcast', event: 'e', payload: {} })).toBe('ok')
    await world.sql`select realtime.send('{}', 'private', 'room:1')`
    await arrived(seen, 1)
    expect(seen[0].event).toBe('private')
  })

  test('who may only listen is not heard', async () => {
    const [ada, bob] = [await world.person([99], vsn), await world.person([99], vsn)]
    const { seen, add } = collect()
    const hers = await joined(ada.supabase.channel('room:99', privately))
    await joined(bob.supabase.channel('room:99', privately).on('broadcast', { event: '*' }, add))
    await hers.send({ type: 'broadcast', event: 'refused', payload: {} })
    const { url, publishableKey, secretKey } = world.server
    const post = (key: string, event: string) =>
      fetch(`${url}/realtime/v1/api/broadcast/room:99/events/${event}?private=true`, {
        method: 'POST',
        body: '{}',
        headers: { apikey: key, 'content-type': 'application/json' },
      })
    const refused = await post(publishableKey, 'refused')
    expect([refused.status, await refused.json()]).toEqual([403, { message: 'Unauthorized' }])
    expect((await post(secretKey, 'allowed')).status).toBe(202)
    await arrived(seen, 1)
    expect(seen[0].event).toBe('allowed')
  })

  test('B07: whoever is removed is cut off at once and hears nothing that was sent later', async () => {
    const [ada, bob] = [await world.person([1], vsn), await world.person([1], vsn)]
    const [hers, his] = [collect(), collect()]
    const channel = await joined(
      ada.supabase.channel('room:1', privately).on('broadcast', { event: '*' }, hers.add),
    )
    await joined(bob.supabase.channel('room:1', privately).on('broadcast', { event: '*' }, his.add))
    await world.sql`select realtime.send('{}', 'before', 'room:1')`
    await arrived(hers.seen, 1)
    const removedAt = Date.now()
    await world.sql.begin(async (sql) => {
      await sql`delete from room_members where user_id = ${ada.id}`
      await sql`select realtime.send('{}', 'with the removal', 'room:1')`
    })
    await world.sql`select realtime.send('{}', 'after', 'room:1')`
    await expect.poll(() => channel.state).toBe('closed')
    expect(Date.now() - removedAt).toBeLessThan(5_000)
    await arrived(his.seen, 3)
    expect(hers.seen.map(({ event }) => event)).toEqual(['before'])
  })
})

test('a token that is swapped for one with fewer rights takes them away', async () => {
  const ada = await world.person([1])
  const channel = await joined(ada.supabase.channel('room:1', privately))
  await ada.supabase.realtime.setAuth(await world.tokenFor((await world.person([2])).id))
  await expect.poll(() => channel.state).toBe('closed')
})

test('row changes follow the token', async () => {
  const [ada, bob] = [await world.person([1]), await world.person([2])]
  const { seen, add } = collect()
  const all = { event: 'INSERT', schema: 'public', table: 'notes' } as const
  const channel = await joined(ada.supabase.channel('swap').on('postgres_changes', all, add))
  await world.sql`insert into notes (id, room_id) values (1, 1)`
  await arrived(seen, 1)
  await ada.supabase.realtime.setAuth(await world.tokenFor(bob.id))
  // A message on the same channel is dealt with after the token.
  await expect.poll(() => channel.send({ type: 'presence', event: 'untrack' })).toBe('ok')
  await world.sql`insert into notes (id, room_id) values (2, 1), (3, 2)`
  await arrived(seen, 2)
  expect(seen.map((each) => each.new.id)).toEqual([1, 3])
})

test('a token that expires ends what it opened', async () => {
  const client = world.client()
  const exp = Math.floor(Date.now() / 1000) + 2
  await client.realtime.setAuth(await world.tokenFor((await world.person([1])).id, { exp }))
  const message = new Promise<string>((resolve) => {
    client.channel('soon').on('system', {}, (each) => resolve(each.message))
  })
  const channel = await joined(client.channel('soon'))
  expect(await message).toMatch(/^Token has expired \d+ seconds ago$/)
  await expect.poll(() => channel.state).toBe('closed')
  await expect(joined(client.channel('late'))).rejects.toThrow(
    /InvalidJWTToken: Token has expired \d+ seconds ago/,
  )
})

test.each([
  ['of no kind', 'nonsense', /MalformedJWT: The token provided is not a valid JWT/],
  ['of three parts', 'a.b.c', /MalformedJWT/],
  ['of a megabyte', `${'['.repeat(1_000_000)}.b.c`, /MalformedJWT/],
])('a join with a token %s is refused', async (_, token, reason) => {
  const client = world.client()
  client.realtime.accessTokenValue = token
  await expect(joined(client.channel('x'))).rejects.toThrow(reason)
})

test('whoever refreshes their token misses no change that is on its way', async () => {
  const ada = await world.person([1])
  const { seen, add } = collect()
  const notes = { event: 'INSERT', schema: 'public', table: 'plain_notes' } as const
  await joined(ada.supabase.channel('fresh').on('postgres_changes', notes, add))
  const [rounds, rows] = [15, 20]
  for (let round = 0; round < rounds; round++) {
    // About every single row the policies are asked, so that the token comes in the middle.
    const first = 1_000 + round * rows
    await world.sql`insert into plain_notes (id, room_id)
      select n, 1 from generate_series(${first}::int, ${first + rows - 1}::int) n`
    await ada.supabase.realtime.setAuth(await world.tokenFor(ada.id, { round }))
  }
  await arrived(seen, rounds * rows)
})

describe('sign-ins', () => {
  const signUp = async () => {
    const supabase = world.client()
    const email = `${crypto.randomUUID()}@example.com`
    const { data } = await supabase.auth.signUp({ email, password: 'correct horse battery' })
    const token = data.session?.access_token ?? ''
    await supabase.realtime.setAuth(token)
    const channel = await joined(supabase.channel('here'))
    return { supabase, id: data.user?.id ?? '', token, channel }
  }

  test('signing out closes the sockets of that sign-in, and its token opens none', async () => {
    const ada = await signUp()
    const other = await signUp()
    await ada.supabase.auth.signOut()
    await expect.poll(() => ada.channel.state, { timeout: 5_000 }).toBe('closed')
    expect(other.channel.state).toBe('joined')
    const again = world.client()
    await again.realtime.setAuth(ada.token)
    await expect(joined(again.channel('here'))).rejects.toThrow(/The session of this token has ended/)
  })

  test('a socket that was opened with a sign-in joins nothing with it after its end', async () => {
    const { id, token, channel } = await signUp()
    await channel.unsubscribe()
    const { say, messages } = await open(undefined, { authorization: `Bearer ${token}` })
    const answers = () => messages.filter((each) => each[3] === 'phx_reply').map((each) => each[4])
    say(joinFrame('realtime:here', '1'))
    await expect.poll(answers).toMatchObject([{ status: 'ok' }])
    say(['1', '2', 'realtime:here', 'phx_leave', {}])
    await expect.poll(answers).toHaveLength(2)
    // Nothing on this socket speaks for it now: there is nobody to tell.
    await world.sql`delete from auth.sessions where user_id = ${id}`
    say(joinFrame('realtime:here', '3'))
    await expect.poll(answers).toHaveLength(3)
    expect(answers()[2]).toMatchObject({
      status: 'error',
      response: { reason: 'InvalidJWTToken: The session of this token has ended' },
    })
  })

  test.each([
    [
      'banned',
      (id: string) =>
        world.sql`update auth.users set banned_until = now() + interval '1 day' where id = ${id}`,
    ],
    ['deleted', (id: string) => world.sql`delete from auth.users where id = ${id}`],
  ])('a person who is %s is cut off', async (_, act) => {
    const ada = await signUp()
    await act(ada.id)
    await expect.poll(() => ada.channel.state, { timeout: 5_000 }).toBe('closed')
  })
})
