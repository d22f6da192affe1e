import pino from 'pino'
import { expect, test, vi } from 'vitest'
import { NO_RIGHTS, type Rights } from './access'
import { Channel } from './channel'
import type { Hub } from './hub'
import { defaultLimits } from './limits'
import { Presence } from './presence'
import { type Principal, Principals, principalOf } from './principals'
import { parseJoin } from './protocol/join'
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
  const hub = {
    limits: defaultLimits,
    log: pino({ level: 'silent' }),
    principals: new Principals<Channel>(),
    topics: new Topics<Channel>(),
    presence: new Presence<Channel>(),
    changes: { unsubscribe() {} },
    sessions: { isOver: () => false },
    access: {
      rights: (principal: Principal) =>
        new Promise<Rights>((answer, fail) => questions.push({ principal, answer, fail })),
    },
  } as unknown as Hub
  const socket = {
    vsn: '2.0.0',
    principal: person('ada'),
    forget() {},
    send: (message: { event: string }) => sent.push(message.event),
    sendText: (text: string) => sent.push(text),
    sendFrame: (frame: Buffer) => sent.push(String(frame)),
  } as unknown as Socket
  const message = { joinRef: '1', ref: '1', topic: 'realtime:a', event: 'phx_join', payload: {} }
  const channel = new Channel(hub, socket, message, parseJoin({ config: { private: true } }, 'a'))
  channel.state = 'joined'
  channel.rights = HEARS
  hub.topics.add(channel.topicName, channel)
  return { channel, questions, sent, hub }
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
