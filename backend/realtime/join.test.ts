import pino from 'pino'
import { expect, test, vi } from 'vitest'
import type { Rights } from './access'
import { Channel } from './channel'
import type { Hub } from './hub'
import { join } from './join'
import { defaultLimits } from './limits'
import { Presence } from './presence'
import { Principals, principalOf } from './principals'
import type { Down } from './protocol/down'
import { parseJoin } from './protocol/join'
import { Windows } from './rates'
import type { Socket } from './socket'
import { Topics } from './topics'

function joining(rights: Partial<Rights>) {
  const replay = vi.fn(async () => ({ bodies: [], sees: () => false }))
  const sent: Down[] = []
  const hub = {
    limits: defaultLimits,
    log: pino({ level: 'silent' }),
    principals: new Principals<Channel>(),
    topics: new Topics<Channel>(),
    presence: new Presence<Channel>(defaultLimits),
    channelRates: { messages: new Windows(1), bytes: new Windows(1), presenceCalls: new Windows(1) },
    changes: { unsubscribe() {} },
    sessions: { isOver: () => false, stands: async () => true },
    access: { rights: async () => rights },
    replays: { of: replay },
  } as unknown as Hub
  const socket = {
    principal: principalOf({ role: 'authenticated', sub: 'ada' }),
    bindings: 0,
    forget() {},
    mayJoin: () => true,
    admits: () => true,
    send: (message: Down) => void sent.push(message),
  } as unknown as Socket
  const message = { joinRef: '1', ref: '1', topic: 'realtime:a', event: 'phx_join', payload: {} }
  const config = parseJoin({ config: { private: true, broadcast: { replay: { since: 1 } } } }, 'a')
  const channel = new Channel(hub, socket, message, config)
  return { hub, channel, replay, sent, joined: join(channel, message) }
}

test('who leaves while the sign-in is looked up is not held on to, and no replay is read', async () => {
  const { hub, channel, replay, joined } = joining({})
  channel.leave()
  await joined
  const delivered = vi.spyOn(channel, 'deliver')
  hub.topics.broadcast(channel.topicName, { event: 'e', json: '{}' })
  expect(delivered).not.toHaveBeenCalled()
  expect(replay).not.toHaveBeenCalled()
})

test('a stranger makes the database read no replay: it takes the connections that changes need', async () => {
  const { replay, sent, joined } = joining({ hearPresence: true })
  await joined
  expect(sent).toMatchObject([
    {
      event: 'phx_reply',
      payload: { status: 'error', response: { reason: expect.stringMatching(/^Unauthorized: /) } },
    },
  ])
  expect(replay).not.toHaveBeenCalled()
})
