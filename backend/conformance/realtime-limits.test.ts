import { describe, expect, test } from 'vitest'
import { joined, realtimeWorld } from './realtime-client'
import { joinFrame, rawSockets } from './realtime-raw'

const world = realtimeWorld(
  {
    maxSocketsPerAddress: 4,
    maxSocketsPerPerson: 2,
    maxJoinsPerSecond: 20,
    maxFramesPerSecond: 100,
    maxMessagesPerSecond: 30,
    maxBytesPerSecond: 5_000,
    maxBytesPerPerson: 20_000,
    maxRestMessagesPerSecond: 5,
    maxTopicLength: 20,
    maxBindingsPerSocket: 2,
  },
  { settings: { trustedProxies: 1, siteUrl: 'https://chat.example.com' } },
)
const { open, refusal } = rawSockets(world)

/** As from this address, behind the proxy that is trusted. */
const from = (address: string) => ({ 'x-forwarded-for': address })
let lastAddress = 0
const somewhere = () => from(`192.0.2.${++lastAddress}`)

describe('sockets', () => {
  test('one address has so many, and others have theirs; what was closed counts no more', async () => {
    const sockets = []
    for (let i = 0; i < 4; i++) sockets.push(await open(undefined, from('198.51.100.1')))
    expect(await refusal(undefined, from('198.51.100.1'))).toEqual([429, 'Too many connected users'])
    // What a client writes in front of the proxy's entry is its own invention.
    expect(await refusal(undefined, from('203.0.113.9, 198.51.100.1'))).toEqual([
      429,
      'Too many connected users',
    ])
    await open(undefined, from('198.51.100.2'))
    sockets[0]?.socket.close()
    await sockets[0]?.closed
    await expect
      .poll(() =>
        open(undefined, from('198.51.100.1')).then(
          () => 'open',
          () => 'refused',
        ),
      )
      .toBe('open')
  })

  test('an IPv6 network of one caller counts as one', async () => {
    for (let i = 0; i < 4; i++) await open(undefined, from(`2001:db8:1:2::${i}`))
    expect(await refusal(undefined, from('2001:db8:1:2:ffff::1'))).toEqual([429, 'Too many connected users'])
    await open(undefined, from('2001:db8:1:3::1'))
  })

  test('refused handshakes do not use an address up', async () => {
    for (let i = 0; i < 10; i++) {
      expect(await refusal('apikey=wrong', from('198.51.100.3'))).toEqual([401, 'Invalid API key'])
    }
    await open(undefined, from('198.51.100.3'))
  })

  test('one person has joined on so many', async () => {
    const token = await world.tokenFor(crypto.randomUUID())
    const join = async (access_token: string) => {
      const { say, messages, socket } = await open(undefined, somewhere())
      say(joinFrame('realtime:mine', '1', {}, { access_token }))
      await expect.poll(() => messages.length).toBeGreaterThan(0)
      return { socket, answer: messages[0][4] }
    }
    const ok = { status: 'ok', response: { postgres_changes: [] } }
    const first = await join(token)
    expect([first.answer, (await join(token)).answer]).toEqual([ok, ok])
    expect((await join(token)).answer).toEqual({
      status: 'error',
      response: { reason: 'ConnectionRateLimitReached: Too many connected users' },
    })
    expect((await join(await world.tokenFor(crypto.randomUUID()))).answer).toEqual(ok)
    first.socket.close()
    await expect.poll(async () => (await join(token)).answer).toEqual(ok)
  })

  test('B12: pages of other sites may not open one; those of this site and programs may', async () => {
    for (const origin of [
      'https://evil.example',
      'null',
      'http://localhost.evil.com',
      'https://chat.example.com.evil.com',
    ]) {
      expect(await refusal(undefined, { ...somewhere(), origin })).toEqual([
        403,
        'This origin may not connect',
      ])
    }
    await open(undefined, { ...somewhere(), origin: 'https://chat.example.com' })
    await open(undefined, { ...somewhere(), origin: world.server.url })
    await open(undefined, somewhere())
  })
})

describe('what a socket says', () => {
  test('joins of one person count on all sockets together', async () => {
    const token = await world.tokenFor(crypto.randomUUID())
    const sockets = [await open(undefined, somewhere()), await open(undefined, somewhere())]
    for (let i = 0; i < 15; i++) {
      for (const { say } of sockets) say(joinFrame(`realtime:${i}`, String(i), {}, { access_token: token }))
    }
    await expect(Promise.race(sockets.map(({ closed }) => closed))).resolves.toBe(1008)
    const refused = sockets.flatMap(({ messages }) => messages).filter((each) => each[4].status === 'error')
    expect(refused[0][4].response).toEqual({
      reason: 'ClientJoinRateLimitReached: Too many joins per second',
    })
  })

  test.each([
    ['heartbeats', (socket: import('ws').WebSocket) => socket.send('[null,"1","phoenix","heartbeat",{}]')],
    ['pings', (socket: import('ws').WebSocket) => socket.ping()],
  ])('a flood of %s ends it', async (_, send) => {
    const { socket, closed } = await open(undefined, somewhere())
    for (let i = 0; i < 150; i++) send(socket)
    // 1006: we were still writing when it ended, and the goodbye was lost.
    expect([1008, 1006]).toContain(await closed)
  })

  test('a flood of messages, or of bytes, ends the channel and not the socket', async () => {
    const { say, messages } = await open(undefined, somewhere())
    say(joinFrame('realtime:messages', '1'))
    say(joinFrame('realtime:bytes', '2'))
    for (let i = 0; i < 40; i++) say(['1', null, 'realtime:messages', 'broadcast', { event: 'typing' }])
    for (let i = 0; i < 3; i++) {
      say(['2', null, 'realtime:bytes', 'broadcast', { event: 'e', payload: 'x'.repeat(2_000) }])
    }
    say([null, '9', 'phoenix', 'heartbeat', {}])
    await expect.poll(() => messages.some((each) => each[1] === '9')).toBe(true)
    const ofSystem = (topic: string) =>
      messages
        .filter((each) => each[2] === topic && each[3] !== 'phx_reply')
        .map((each) => [each[3], each[4]])
    const ended = (channel: string, message: string) => [
      ['system', { extension: 'system', status: 'error', message, channel }],
      ['phx_close', {}],
    ]
    expect(ofSystem('realtime:messages')).toEqual(ended('messages', 'Too many messages per second'))
    expect(ofSystem('realtime:bytes')).toEqual(ended('bytes', 'Too many bytes per second'))
  })

  test('long topics and too many bindings are refused', async () => {
    const { say, messages } = await open(undefined, somewhere())
    say(joinFrame(`realtime:${'x'.repeat(30)}`, '1'))
    const news = { event: '*', schema: 'public', table: 'news' }
    say(joinFrame('realtime:a', '2', { postgres_changes: [news, news, news] }))
    await expect.poll(() => messages).toHaveLength(2)
    expect(messages.map((each) => each[4].response.reason)).toEqual([
      'TopicNameTooLong: The topic name is too long',
      'TooManyBindings: Too many postgres_changes on one connection',
    ])
  })
})

describe('presence', () => {
  test('the sixth call within thirty seconds closes the channel, as upstream', async () => {
    const { supabase } = await world.person([])
    const channel = supabase.channel('calls')
    const told = new Promise((resolve) => channel.on('system', {}, resolve))
    await joined(channel)
    for (let n = 0; n < 5; n++) expect(await channel.track({ n })).toBe('ok')
    void channel.track({ n: 5 })
    expect(await told).toEqual({
      extension: 'system',
      status: 'error',
      message: 'Client presence rate limit exceeded',
      channel: 'calls',
    })
    await expect.poll(() => channel.state).toBe('closed')
  })
})

describe('REST', () => {
  const post = async (path: string, body: unknown, address: string) => {
    const response = await fetch(`${world.server.url}/realtime/v1/api/broadcast${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { apikey: world.server.publishableKey, 'content-type': 'application/json', ...from(address) },
    })
    return [response.status, response.status === 202 ? null : await response.json()]
  }
  const messages = (count: number) => ({
    messages: Array.from({ length: count }, () => ({ topic: 't', event: 'e', payload: {} })),
  })
  const exceeded = [429, { message: 'You have exceeded your rate limit' }]

  test('a batch that does not fit is refused as a whole; beyond the rate everything is', async () => {
    const tooMany = [429, { message: 'Too many messages to broadcast, please reduce the batch size' }]
    expect(await post('', messages(6), '192.0.2.201')).toEqual(tooMany)
    await expect
      .poll(async () => {
        const answers = []
        for (let i = 0; i < 6; i++) answers.push(await post('', messages(1), '192.0.2.202'))
        return answers.at(-1)
      })
      .toEqual(exceeded)
    await expect
      .poll(async () => {
        const answers = []
        for (let i = 0; i < 6; i++) answers.push(await post('/t/events/e', {}, '192.0.2.203'))
        return answers.at(-1)
      })
      .toEqual(exceeded)
    expect(await post('', messages(5), '192.0.2.204')).toEqual([202, null])
  })

  test('so many bytes of one caller, together with those of their sockets; the operator’s are not counted', async () => {
    const payload = { text: 'x'.repeat(9_000) }
    const large = { messages: [1, 2, 3].map(() => ({ topic: 't', event: 'e', payload })) }
    const [first, second] = ['192.0.2.211', '192.0.2.212']
    expect(await post('', large, first)).toEqual([429, { message: expect.stringContaining('reduce') }])
    expect(await post('', { messages: large.messages.slice(1) }, first)).toEqual([202, null])
    await expect
      .poll(async () => {
        const answers = []
        for (let i = 0; i < 3; i++) answers.push(await post('/t/events/e', payload, second))
        return answers
      })
      .toContainEqual(exceeded)
    // Within what a channel may say, and more than REST has left of what this caller may.
    await expect
      .poll(async () => {
        const { say, messages: heard } = await open(undefined, from('192.0.2.213'))
        say(joinFrame('realtime:both', '1'))
        await expect.poll(() => heard.length).toBeGreaterThan(0)
        await post('', { messages: large.messages.slice(1) }, '192.0.2.213')
        say(['1', null, 'realtime:both', 'broadcast', { event: 'e', payload: 'x'.repeat(3_000) }])
        say([null, '9', 'phoenix', 'heartbeat', {}])
        await expect.poll(() => heard.some((each) => each[1] === '9')).toBe(true)
        return heard.map((each) => each[4].message)
      })
      .toContain('Too many bytes per second')
    const headers = { apikey: world.server.secrets.secretKey, 'content-type': 'application/json' }
    const body = JSON.stringify(large)
    const url = `${world.server.url}/realtime/v1/api/broadcast`
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(202)
  })
})
