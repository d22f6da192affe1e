import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { completeChannel } from '@/features/channels/schema'
import { applyChannel, clearChannels, removeChannel, setChannels } from '@/features/channels/store'
import { setWorkspaces } from '@/features/workspaces/store'
import type { SharedTopics } from '@/lib/realtime/shared-topics'
import type { News, TopicSpec } from '@/lib/realtime/tab-messages'
import type { SyncEngine } from './engine'
import { watchBroadcasts } from './watch-broadcasts'

let stop = () => {}
beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  stop()
  clearChannels()
  setWorkspaces([], null)
  vi.useRealTimers()
})

function setup() {
  const heard = new Map<string, (news: News) => void>()
  const topics = {
    open(spec: TopicSpec, hear: (news: News) => void) {
      expect(spec).toMatchObject({ private: true, broadcast: 'change' })
      heard.set(spec.topic, hear)
      return { send() {}, show() {}, close: () => heard.delete(spec.topic) }
    },
  } as unknown as SharedTopics
  const told: string[] = []
  const note = (what: string) => () => void told.push(what)
  const engine = {
    inSync: false,
    connected: note('connected'),
    disconnected: note('disconnected'),
    refresh: note('refresh'),
    doubt: note('doubt'),
    receive: ({ table, type }: { table: string; type: string }) => told.push(`${type} ${table}`),
  } as unknown as SyncEngine
  setChannels([completeChannel({ id: 'general', kind: 'public' })])
  const watched = watchBroadcasts({ topics, me: 'ada', engine, visited: () => new Set() })
  stop = watched.close
  const say = (topic: string, news: News) => heard.get(topic)?.(news)
  const message = (rev: number) =>
    say('changes:channel:general', {
      kind: 'broadcast',
      payload: { table: 'messages', type: 'INSERT', record: { channel_id: 'general', rev } },
    })
  const up = () => {
    for (const topic of [...heard.keys()]) say(topic, { kind: 'up' })
  }
  return { heard, told, say, message, up, engine: engine as { inSync: boolean } }
}

test('it is live once all topics are heard, and no more when one of them is not', () => {
  const { told, say, up } = setup()
  say('changes:user:ada', { kind: 'up' })
  expect(told).toEqual([])
  up()
  expect(told).toEqual(['connected'])
  say('changes:channel:general', { kind: 'down' })
  say('changes:user:ada', { kind: 'down' })
  up()
  expect(told).toEqual(['connected', 'disconnected', 'connected'])
})

test('a message is passed on, and a hole in the numbers is asked about', () => {
  const { told, message, up } = setup()
  up()
  message(7)
  message(8)
  message(10)
  message(9)
  message(11)
  expect(told.filter((what) => what === 'doubt')).toHaveLength(1)
  expect(told.filter((what) => what === 'INSERT messages')).toHaveLength(5)
})

test('the first message that is heard is compared with the picture, once that has come', () => {
  const { told, say, message, up, engine } = setup()
  const head = { last_seq: 5, last_rev: 5, min_rev: 0, last_message_at: null }
  setChannels([completeChannel({ id: 'general', kind: 'public', head })])
  const again = () => {
    say('changes:channel:general', { kind: 'down' })
    up()
  }
  up()
  message(7)
  expect(told).not.toContain('doubt')
  engine.inSync = true
  again()
  message(6)
  expect(told).not.toContain('doubt')
  again()
  message(7)
  expect(told).toContain('doubt')
})

test('a channel that is joined is listened to, and what came before is asked for; one that is left is not', () => {
  const { heard, told, say, up } = setup()
  up()
  applyChannel(completeChannel({ id: 'new', kind: 'private' }))
  expect(heard.has('changes:channel:new')).toBe(true)
  say('changes:channel:new', { kind: 'up' })
  expect(told).toEqual(['connected', 'refresh'])
  removeChannel('new')
  expect(heard.has('changes:channel:new')).toBe(false)
})

test('a channel whose right was lost holds nothing up once it is gone', () => {
  const { told, say, up } = setup()
  up()
  say('changes:channel:general', { kind: 'down' })
  removeChannel('general')
  expect(told).toEqual(['connected', 'disconnected', 'connected'])
})

test('what is not listened to is asked for now and then', () => {
  const { told, up } = setup()
  up()
  vi.advanceTimersByTime(60_000)
  expect(told).toEqual(['connected'])
  setWorkspaces(
    [
      { id: 'a', role: 'guest' },
      { id: 'b', role: 'guest' },
    ] as never,
    'a',
  )
  vi.advanceTimersByTime(30_000)
  expect(told).toEqual(['connected', 'doubt'])
})

test('when the transport is changed the picture says which', () => {
  const { told, say, up } = setup()
  up()
  const payload = { table: 'realtime_transport', type: 'UPDATE', record: {} }
  say('changes:user:ada', { kind: 'broadcast', payload })
  expect(told.at(-1)).toBe('refresh')
})
