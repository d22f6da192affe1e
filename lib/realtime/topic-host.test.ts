import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { AppClient } from '@/lib/supabase/client'
import type { News, TopicSpec } from './tab-messages'
import { TopicHost } from './topic-host'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A client whose topics do what the test says. */
function fakeClient() {
  const joined = new Map<string, FakeTopic>()
  const client = {
    realtime: { setAuth: vi.fn(async () => {}), isDisconnecting: () => false },
    channel: (name: string) => {
      if (joined.has(name)) throw new Error(`${name} is subscribed twice`)
      const topic = new FakeTopic(name)
      joined.set(name, topic)
      return topic
    },
    removeChannel: async (topic: FakeTopic) => joined.delete(topic.name),
  }
  return { client: client as unknown as AppClient, joined, setAuth: client.realtime.setAuth }
}

class FakeTopic {
  readonly name: string
  readonly tracked: object[] = []
  status: (status: string) => void = () => {}
  private readonly handlers = new Map<string, (payload: object) => void>()

  constructor(name: string) {
    this.name = name
  }
  on(kind: string, _filter: object, handler: (payload: object) => void) {
    this.handlers.set(kind, handler)
  }
  subscribe(status: (status: string) => void) {
    this.status = status
  }
  say(kind: string, payload: object) {
    this.handlers.get(kind)?.(payload)
  }
  track(meta: object) {
    this.tracked.push(meta)
  }
  presenceState() {
    return { ada: [{ state: 'online' }] }
  }
}

async function setup() {
  const { client, joined, setAuth } = fakeClient()
  const told: string[] = []
  const host = new TopicHost({
    client,
    merge: (shown) => ({ count: shown.length }),
    tell: (topic: string, news: News, to?: string) =>
      told.push([topic, news.kind, to].filter(Boolean).join(' ')),
  })
  return { host, joined, told, setAuth }
}

const room: TopicSpec = { topic: 'room', private: true, presence: 'ada' }
const rows: TopicSpec = { topic: 'rows', changes: [{ table: 'messages' }] }
const want = (...specs: TopicSpec[]) => specs.map((spec) => ({ spec, shown: spec.presence ? {} : null }))
const calm = () => vi.advanceTimersByTimeAsync(0)

test('a topic is subscribed once for all tabs, and as long as one of them wants it', async () => {
  const { host, joined } = await setup()
  host.want('a', want(room, rows))
  host.want('b', want(room))
  await calm()
  expect([...joined.keys()]).toEqual(['room', 'rows'])
  host.want('a', [])
  expect([...joined.keys()]).toEqual(['room'])
  host.forget('b')
  expect([...joined.keys()]).toEqual([])
})

test('where the code of realtime cannot be loaded it is tried again, as long as the topic is wanted', async () => {
  const { host, joined, setAuth } = await setup()
  const gone = () => Promise.reject(new Error('Failed to load chunk'))
  setAuth.mockImplementationOnce(gone).mockImplementationOnce(gone)
  host.want('a', want(rows))
  await vi.advanceTimersByTimeAsync(1_500)
  expect([setAuth.mock.calls.length, joined.size]).toEqual([2, 0])
  await vi.advanceTimersByTimeAsync(3_000)
  expect([...joined.keys()]).toEqual(['rows'])
  setAuth.mockImplementation(gone)
  host.want('a', want(room))
  await calm()
  host.want('a', [])
  const { length } = setAuth.mock.calls
  await vi.advanceTimersByTimeAsync(60_000)
  expect(setAuth.mock.calls).toHaveLength(length)
})

test('row changes are heard from the moment the server says so, not from the join', async () => {
  const { host, joined, told } = await setup()
  host.want('a', want(rows))
  await calm()
  joined.get('rows')?.status('SUBSCRIBED')
  expect(told).toEqual([])
  joined.get('rows')?.say('system', { extension: 'postgres_changes', status: 'ok' })
  joined.get('rows')?.say('postgres_changes', { table: 'messages', eventType: 'INSERT', new: {}, old: {} })
  expect(told).toEqual(['rows up', 'rows change'])
  expect(host.up).toBe(true)
  joined.get('rows')?.status('CHANNEL_ERROR')
  expect(told.at(-1)).toBe('rows down')
  expect(host.up).toBe(false)
})

test('a tab that comes later is told alone what already stands, and who is here', async () => {
  const { host, joined, told } = await setup()
  host.want('a', want(room))
  await calm()
  joined.get('room')?.status('SUBSCRIBED')
  joined.get('room')?.say('presence', {})
  told.length = 0
  host.want('b', want(room))
  expect(told).toEqual(['room up b', 'room presence b'])
  host.want('b', want(room, rows))
  expect(told).toHaveLength(2)
})

test('what tabs show is shown once, merged, and not more often than a server allows', async () => {
  const { host, joined } = await setup()
  host.want('a', want(room))
  await calm()
  const topic = joined.get('room')
  topic?.status('SUBSCRIBED')
  host.want('b', want(room))
  host.want('c', want(room))
  expect(topic?.tracked).toEqual([{ count: 1 }])
  await vi.advanceTimersByTimeAsync(8_000)
  expect(topic?.tracked).toEqual([{ count: 1 }, { count: 3 }])
  // After a break everything is shown anew, at once.
  topic?.status('CHANNEL_ERROR')
  topic?.status('SUBSCRIBED')
  expect(topic?.tracked).toHaveLength(3)
})
