import { describe, expect, test } from 'vitest'
import { arrived, collect, joined, realtimeWorld, VERSIONS } from './realtime-client'

const world = realtimeWorld()

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const api = (path: string, init: RequestInit = {}, key = world.server.publishableKey) =>
  fetch(`${world.server.url}/realtime/v1/api/broadcast${path}`, {
    method: 'POST',
    ...init,
    headers: { apikey: key, 'content-type': 'application/json', ...(init.headers as Record<string, string>) },
  })

describe.each(VERSIONS)('broadcast, vsn %s', (vsn) => {
  const pair = async (name: string, config = {}) => {
    const [a, b] = [world.client(vsn), world.client(vsn)]
    const [atA, atB] = [collect(), collect()]
    const options = { config: { broadcast: config } }
    const sender = await joined(a.channel(name, options).on('broadcast', { event: '*' }, atA.add))
    await joined(b.channel(name, options).on('broadcast', { event: '*' }, atB.add))
    return { sender, atA: atA.seen, atB: atB.seen }
  }

  test('reaches the others on the topic, not the sender', async () => {
    const { sender, atA, atB } = await pair('plain')
    await sender.send({ type: 'broadcast', event: 'cursor', payload: { x: 1, text: 'ü "\u2028' } })
    await arrived(atB, 1)
    expect(atB).toEqual([{ type: 'broadcast', event: 'cursor', payload: { x: 1, text: 'ü "\u2028' } }])
    expect(atA).toEqual([])
  })

  test('reaches the sender too when it asks for that, and is acknowledged', async () => {
    const { sender, atA, atB } = await pair('self', { self: true, ack: true })
    expect(await sender.send({ type: 'broadcast', event: 'e', payload: { n: 1 } })).toBe('ok')
    await arrived(atA, 1)
    await arrived(atB, 1)
  })

  test('a payload over the limit is refused', async () => {
    const { sender, atB } = await pair('large', { ack: true })
    const payload = { text: 'x'.repeat(262_145) }
    expect(await sender.send({ type: 'broadcast', event: 'e', payload })).toBe('error')
    expect(await sender.send({ type: 'broadcast', event: 'e', payload: {} })).toBe('ok')
    await arrived(atB, 1)
  })

  test('a client cannot forge what only the server says', async () => {
    const { sender, atB } = await pair('forge')
    await sender.send({ type: 'broadcast', event: 'e', payload: {}, meta: { id: 'from the database' } })
    await arrived(atB, 1)
    expect(atB[0]).not.toHaveProperty('meta')
  })

  test('over REST: a batch, and single messages', async () => {
    const { atB } = await pair('rest')
    const message = { topic: 'rest', event: 'e', payload: { n: 1 } }
    const batch = await api('', {
      body: JSON.stringify({ messages: [message, { ...message, payload: { n: 2 } }] }),
    })
    expect([batch.status, await batch.text()]).toEqual([202, ''])
    expect((await api('/rest/events/single', { body: '{"n":3}' })).status).toBe(202)
    await arrived(atB, 3)
    expect(atB.map((each) => [each.event, each.payload.n])).toEqual([
      ['e', 1],
      ['e', 2],
      ['single', 3],
    ])
  })

  test('from SQL: when and only when the transaction commits, in commit order', async () => {
    const { atB } = await pair('sql')
    await world.sql.begin(async (sql) => {
      await sql`select realtime.send('{"n": 12345678901234567890}', 'e', 'sql', false)`
      await sql`select realtime.send('{"id": "mine"}', 'e', 'sql', false)`
    })
    const failing = world.sql`
      select realtime.send('{}', 'rolled back', 'sql', false), 1 / (random() * 0)::int`
    await expect(failing).rejects.toThrow('division by zero')
    await world.sql
      .begin(async (sql) => {
        await sql`select realtime.send('{}', 'rolled back', 'sql', false)`
        throw new Error('no')
      })
      .catch(() => {})
    await world.sql`select realtime.send('{"last": true}', 'e', 'sql', false)`
    await expect.poll(() => atB.some((each) => each.payload.last)).toBe(true)
    expect(atB.filter((each) => each.event === 'rolled back')).toEqual([])
    const [first, second] = atB
    expect(first).toMatchObject({
      meta: { id: first.payload.id },
      payload: { n: Number('12345678901234567890') },
    })
    expect(second).toMatchObject({ meta: { id: expect.stringMatching(UUID) }, payload: { id: 'mine' } })
  })
})

test('bytes travel as bytes between 2.0.0 clients, and older ones are left out', async () => {
  const [a, b, old] = [world.client(), world.client(), world.client('1.0.0')]
  const [atB, atOld] = [collect(), collect()]
  const sender = await joined(a.channel('bytes'))
  await joined(b.channel('bytes').on('broadcast', { event: '*' }, atB.add))
  await joined(old.channel('bytes').on('broadcast', { event: '*' }, atOld.add))
  const bytes = new Uint8Array([0, 255, 1, 2]).buffer
  await sender.send({ type: 'broadcast', event: 'socket', payload: bytes as never })
  await world.sql`select realtime.send_binary('\\x00ff', 'sql', 'bytes', false)`
  const rest = await api('/bytes/events/rest', {
    body: bytes,
    headers: { 'content-type': 'application/octet-stream' },
  })
  expect(rest.status).toBe(202)
  await sender.send({ type: 'broadcast', event: 'last', payload: {} })
  await arrived(atB.seen, 4)
  const received = Object.fromEntries(atB.seen.map((each) => [each.event, each.payload]))
  expect(new Uint8Array(received.socket)).toEqual(new Uint8Array([0, 255, 1, 2]))
  expect(new Uint8Array(received.sql)).toEqual(new Uint8Array([0, 255]))
  expect(new Uint8Array(received.rest)).toEqual(new Uint8Array([0, 255, 1, 2]))
  await arrived(atOld.seen, 1)
  expect(atOld.seen[0].event).toBe('last')
})

test('a newer sender and an older receiver understand each other', async () => {
  const { seen, add } = collect()
  const sender = await joined(world.client('2.0.0').channel('mixed'))
  await joined(world.client('1.0.0').channel('mixed').on('broadcast', { event: 'e' }, add))
  await sender.send({ type: 'broadcast', event: 'e', payload: { n: 1 } })
  await arrived(seen, 1)
  expect(seen[0]).toEqual({ type: 'broadcast', event: 'e', payload: { n: 1 } })
})

test('REST says what is wrong', async () => {
  const statusOf = async (response: Promise<Response>) => (await response).status
  expect(await statusOf(api('', { body: '{}' }))).toBe(422)
  expect(await statusOf(api('', { body: 'nonsense' }))).toBe(422)
  expect(await statusOf(api('', { body: '{"messages":[{"topic":"","event":"e","payload":{}}]}' }))).toBe(422)
  expect(await statusOf(api('/t/events/e', { body: 'x', headers: { 'content-type': 'text/plain' } }))).toBe(
    415,
  )
  expect(await statusOf(api('/t/events/e', { body: '{' }))).toBe(422)
  expect(await statusOf(api('', { body: '{"messages":[]}' }, 'sb_publishable_wrong'))).toBe(401)
  const tooLarge = await api('/t/events/e', { body: `"${'x'.repeat(262_145)}"` })
  expect([tooLarge.status, await tooLarge.json()]).toEqual([
    422,
    { errors: { payload: ['Payload size exceeds tenant limit'] } },
  ])
})
