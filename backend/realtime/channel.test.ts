import pino from 'pino'
import { expect, test, vi } from 'vitest'
import { NO_RIGHTS, type Rights } from './access'
import { Channel } from './channel'
import type { Hub } from './hub'
import { defaultLimits } from './limits'
import { Presence } from './presence'
import { type Principal, Principals, principalOf } from './principals'
import { parseJoin } from './protocol/join'
import { Rates, Windows } from './rates'
import type { Socket } from './socket'
import { Topics } from './topics'

const HEARS: Rights = { ...NO_RIGHTS, hearBroadcast: true, speakBroadcast: true }
const person = (sub: string) => principalOf({ role: 'authenticated', sub })

/** A joined private channel, and the questions about rights that it asks, to be answered by hand. */
function joined() {
  const questions: {
    principal: Principal
    answer: (rights: Rights) => void
    fail: (error: Error) => void
  }[] = []
  const sent: string[] = []
  const state = { over: false, stands: Promise.resolve(true) }
  const hub = {
    limits: defaultLimits,
    log: pino({ level: 'silent' }),
    principals: new Principals<Channel>(),
    topics: new Topics<Channel>(),
    presence: new Presence<Channel>(defaultLimits),
    keys: { tokens: { verify: async (token: string) => ({ role: 'authenticated', sub: token }) } },
    messages: new Rates(defaultLimits.maxMessagesPerPerson),
    bytes: new Rates(defaultLimits.maxBytesPerPerson),
    channelRates: {
      messages: new Windows(defaultLimits.maxMessagesPerSecond),
      bytes: new Windows(defaultLimits.maxBytesPerSecond),
      presenceCalls: new Windows(defaultLimits.maxPresenceCalls, defaultLimits.presenceWindowMs),
    },
    changes: { unsubscribe() {}, move: vi.fn(async () => {}), between: async <R>(work: () => R) => work() },
    sessions: { isOver: () => state.over, stands: () => state.stands },
    access: {
      rights: (principal: Principal) =>
        new Promise<Rights>((answer, fail) => questions.push({ principal, answer, fail })),
    },
  } as unknown as Hub
  const socket = {
    vsn: '2.0.0',
    principal: person('ada'),
    forget() {},
    payer: ({ sub }: Principal) => sub,
    admits: () => true,
    send: (message: { event: string }) => sent.push(message.event),
    sendText: (text: string) => sent.push(text),
    sendFrame: (frame: Buffer) => sent.push(String(frame)),
  } as unknown as Socket
  const message = { joinRef: '1', ref: '1', topic: 'realtime:a', event: 'phx_join', payload: {} }
  const channel = new Channel(hub, socket, message, parseJoin({ config: { private: true } }, 'a'))
  channel.state = 'joined'
  channel.rights = HEARS
  hub.topics.add(channel.topicName, channel)
  return { channel, questions, sent, hub, state }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('in doubt, deliveries wait for the answer and arrive in order', async () => {
  const { channel, questions, sent } = joined()
  channel.deliver('broadcast', Buffer.from('before'))
  void channel.doubt()
  channel.deliver('broadcast', Buffer.from('during'))
  expect(sent).toEqual(['before'])
  questions[0]?.answer(HEARS)
  await settled()
  channel.deliver('broadcast', Buffer.from('after'))
  expect(sent).toEqual(['before', 'during', 'after'])
})

test('whoever lost the right gets nothing of what waited, and the channel ends', async () => {
  const { channel, questions, sent } = joined()
  void channel.doubt()
  channel.deliver('broadcast', Buffer.from('during'))
  questions[0]?.answer(NO_RIGHTS)
  await settled()
  expect(sent).toEqual(['system', 'phx_close'])
})

test('an answer from before another doubt does not count', async () => {
  const { channel, questions, sent } = joined()
  void channel.doubt()
  void channel.doubt()
  channel.deliver('broadcast', Buffer.from('x'))
  questions[0]?.answer(HEARS)
  await settled()
  expect(sent).toEqual([])
  questions[1]?.answer(NO_RIGHTS)
  await settled()
  expect(sent).toEqual(['system', 'phx_close'])
})

test('an answer about the token before does not count for the next', async () => {
  const { channel, questions, sent } = joined()
  void channel.doubt()
  channel.hold()
  channel.become(person('bob'))
  channel.deliver('broadcast', Buffer.from('x'))
  questions[0]?.answer(HEARS)
  await settled()
  expect(sent).toEqual([])
  void channel.withRights((rights) => channel.settle(rights))
  expect(questions[1]?.principal.sub).toBe('bob')
  questions[1]?.answer(NO_RIGHTS)
  await settled()
  expect(sent).toEqual(['system', 'phx_close'])
})

test('in doubt, nothing is taken from the client either', async () => {
  const { channel, questions, hub } = joined()
  const broadcast = vi.spyOn(hub.topics, 'broadcast')
  void channel.doubt()
  channel.receive({
    joinRef: '1',
    ref: null,
    topic: 'realtime:a',
    event: 'broadcast',
    payload: { event: 'e', json: '{}' },
  })
  expect(broadcast).not.toHaveBeenCalled()
  questions[0]?.answer({ ...HEARS, speakBroadcast: false })
  await settled()
  expect(broadcast).not.toHaveBeenCalled()
})

test('when rights cannot be asked for, the channel breaks and the client joins again', async () => {
  const { channel, questions, sent } = joined()
  void channel.doubt()
  questions[0]?.fail(new Error('away'))
  await settled()
  expect(sent).toEqual(['phx_error'])
})

const says = (event: string, payload: unknown) => ({
  ...{ joinRef: '1', ref: null, topic: 'realtime:a' },
  ...{ event, payload },
})

test('B09: between its end and the next sweep a sign-in says nothing', () => {
  const { channel, hub, state } = joined()
  const broadcast = vi.spyOn(hub.topics, 'broadcast')
  const hello = says('broadcast', { event: 'e', json: '{}' })
  channel.receive(hello)
  expect(broadcast).toHaveBeenCalledTimes(1)
  state.over = true
  channel.receive(hello)
  expect(broadcast).toHaveBeenCalledTimes(1)
})

test('B10: who may not be shown any more is not', async () => {
  const { channel, questions, hub } = joined()
  const untrack = vi.spyOn(hub.presence, 'untrack')
  channel.rights = { ...HEARS, hearPresence: true, speakPresence: true }
  void channel.doubt()
  questions[0]?.answer({ ...HEARS, hearPresence: true, speakPresence: true })
  await settled()
  expect(untrack).not.toHaveBeenCalled()
  void channel.doubt()
  questions[1]?.answer({ ...HEARS, hearPresence: true })
  await settled()
  expect(untrack).toHaveBeenCalledTimes(1)
})

test('B16: what waits is bounded in bytes, not only in messages', () => {
  const { channel, sent } = joined()
  channel.hold()
  const hello = says('broadcast', { event: 'e', json: '{}' })
  for (let n = 0; n < 4; n++) channel.receive(hello, 500_000)
  expect(channel.state).toBe('joined')
  channel.receive(hello, 500_000)
  expect([channel.state, sent]).toEqual(['closed', ['system', 'phx_close']])
})

test('B17: the messages of a person count on all their channels together', () => {
  const { channel, hub } = joined()
  const broadcast = vi.spyOn(hub.topics, 'broadcast')
  vi.useFakeTimers({ now: 1_000 })
  try {
    for (let n = 0; n < 450; n++) hub.messages.take('ada')
    for (let n = 0; n < 50; n++) channel.receive(says('broadcast', { event: 'e', json: '{}' }))
    expect([broadcast.mock.calls.length, channel.state]).toEqual([50, 'joined'])
    channel.receive(says('broadcast', { event: 'e', json: '{}' }))
    expect([broadcast.mock.calls.length, channel.state]).toEqual([50, 'closed'])
  } finally {
    vi.useRealTimers()
  }
})

test('B09: with another token nothing more is told for what the one before may see, not even while it is looked up', async () => {
  const { channel, hub, sent, state, questions } = joined()
  let found: (stands: boolean) => void = () => {}
  state.stands = new Promise((resolve) => {
    found = resolve
  })
  channel.receive(says('access_token', { access_token: 'bob' }))
  await settled()
  expect(channel.principal.sub).toBe('bob')
  expect(hub.changes.move).toHaveBeenCalledWith(channel)
  channel.deliver('changes', Buffer.from('for bob'))
  expect(sent).toEqual([])
  found(true)
  await settled()
  questions[0]?.answer(HEARS)
  await settled()
  expect(sent).toEqual(['for bob'])
})
