import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Channel, completeChannel } from '@/features/channels/schema'
import { blankMessage } from '@/features/messages/fake-server'
import type { Message } from '@/features/messages/schema'
import { SyncEngine } from './engine'
import type { Bootstrap, SyncPorts, SyncStatus } from './ports'

beforeEach(() => {
  vi.useFakeTimers()
  // Pauses are jittered; in the middle they are as long as they say.
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

function channel(id: string, changes: Partial<Channel> = {}): Channel {
  return completeChannel({ id, workspace_id: 'w', kind: 'public', name: id, ...changes })
}

function setup(options: { missing?: boolean } = {}) {
  const server = {
    channels: [channel('general'), channel('random')],
    error: null as object | null,
    kept: undefined as Bootstrap | undefined,
    asked: 0,
  }
  const known = new Map<string, Channel>()
  const seen = {
    rows: [] as Message[],
    compared: [] as string[],
    dropped: [] as string[],
    left: [] as string[],
    kept: [] as string[],
    reachable: 0,
  }
  const statuses: SyncStatus[] = []
  const ports: SyncPorts = {
    me: 'me',
    bootstrap: async () => {
      server.asked++
      if (server.error) throw server.error
      return {
        workspace: options.missing ? null : { id: 'w' },
        channels: structuredClone(server.channels),
      } as Bootstrap
    },
    kept: async () => server.kept,
    fill: (data) => {
      known.clear()
      for (const row of data.channels) known.set(row.id, row)
    },
    channel: (id) => known.get(id),
    applyChannel: (row) => known.set(row.id, completeChannel(row, known.get(row.id))),
    dropChannel: (id) => {
      known.delete(id)
      seen.dropped.push(id)
    },
    keepChannels: (ids) => {
      seen.kept = [...ids]
    },
    applyPerson: () => {},
    applyWorkspace: () => {},
    leftWorkspace: (id) => seen.left.push(id),
    applyDraft: () => {},
    messages: (rows) => seen.rows.push(...rows),
    compare: (row) => seen.compared.push(row.id),
    reachable: () => seen.reachable++,
    status: (status) => statuses.push(status),
  }
  const engine = new SyncEngine(ports)
  const general = () => known.get('general') as Channel
  const last = () => statuses.at(-1) as SyncStatus
  return { engine, server, known, seen, general, last }
}

const calm = () => vi.advanceTimersByTimeAsync(5)

function message(seq: number, rev: number, changes: Partial<Message> = {}): Message {
  return { ...blankMessage(`m${seq}`, 'general', 'ada', 'hi'), seq, rev, ...changes }
}
const told = (row: Message, type: 'INSERT' | 'UPDATE' = 'INSERT') => ({
  table: 'messages',
  type,
  row: { ...row },
})

test('after the subscription stands, everything is asked for again and windows compare themselves', async () => {
  const { engine, server, seen, last } = setup()
  await engine.refresh()
  expect(last()).toMatchObject({ phase: 'ready', live: false })
  engine.connected()
  await calm()
  expect(server.asked).toBe(2)
  expect(seen.compared).toEqual(['general', 'random', 'general', 'random'])
  expect(last().live).toBe(true)
})

test('what an earlier visit kept is drawn first, and stays while the server does not answer', async () => {
  const { engine, server, known, last } = setup()
  server.kept = { channels: [channel('kept')] } as Bootstrap
  server.error = { code: 'network', status: 0, message: '' }
  engine.start()
  await calm()
  expect(last()).toMatchObject({ phase: 'ready', inSync: false, error: { code: 'network' } })
  expect([...known.keys()]).toEqual(['kept'])
  server.error = null
  engine.connected()
  await calm()
  expect(last()).toMatchObject({ phase: 'ready', inSync: true, error: null })
  expect([...known.keys()]).toEqual(['general', 'random'])
  engine.disconnected()
  expect(last().inSync).toBe(false)
})

test('a workspace that does not exist for me says so', async () => {
  const { engine, last } = setup({ missing: true })
  await engine.refresh()
  expect(last().phase).toBe('missing')
})

test('a first answer that fails is tried again; later failures leave the screen alone', async () => {
  const { engine, server, last } = setup()
  server.error = { code: 'unavailable', status: 503, message: 'down' }
  await engine.refresh()
  expect(last().phase).toBe('failed')
  server.error = null
  await vi.advanceTimersByTimeAsync(1_100)
  expect(last().phase).toBe('ready')
  server.error = { code: 'network', status: 0, message: '' }
  await engine.refresh()
  expect(last()).toMatchObject({ phase: 'ready', error: { code: 'network' } })
})

test('messages for channels that are not open raise heads and mention counts, each once', async () => {
  const { engine, general, seen } = setup()
  await engine.refresh()
  engine.receive(told(message(1, 1)))
  engine.receive(told(message(2, 2, { mentions: ['me'] })))
  engine.receive(told(message(2, 2, { mentions: ['me'] })))
  engine.receive(told(message(3, 3, { mentions_all: true, user_id: 'me' })))
  await calm()
  expect(general().head).toMatchObject({ last_seq: 3, last_rev: 3 })
  expect(general().mention_count).toBe(1)
  expect(seen.rows).toHaveLength(4)
})

test('a deleted mention is not guessed: the database is asked', async () => {
  const { engine, server, general } = setup()
  await engine.refresh()
  engine.receive(told(message(1, 1, { mentions: ['me'] })))
  await calm()
  const asked = server.asked
  engine.receive(told(message(1, 2, { mentions: [], deleted_at: 'now' }), 'UPDATE'))
  server.channels[0] = channel('general', {
    head: { last_seq: 1, last_rev: 2, min_rev: 0, last_message_at: null },
  })
  await vi.advanceTimersByTimeAsync(1_100)
  expect(server.asked).toBe(asked + 1)
  expect(general().mention_count).toBe(0)
})

test('what is in doubt is asked for soon, and no more than twice a second however much of it there is', async () => {
  const { engine, server } = setup()
  await engine.refresh()
  await vi.advanceTimersByTimeAsync(10_000)
  engine.doubt()
  await vi.advanceTimersByTimeAsync(300)
  expect(server.asked).toBe(2)
  for (let ms = 0; ms < 2_000; ms += 10) {
    engine.doubt()
    await vi.advanceTimersByTimeAsync(10)
  }
  expect(server.asked).toBe(6)
})

test('a message of another workspace does not hurry; a wrong number beside it does', async () => {
  const { engine, server } = setup()
  await engine.refresh()
  await vi.advanceTimersByTimeAsync(5_000)
  const elsewhere = told(message(1, 1, { channel_id: 'elsewhere' }))
  engine.receive(elsewhere)
  await vi.advanceTimersByTimeAsync(900)
  expect(server.asked).toBe(1)
  await vi.advanceTimersByTimeAsync(200)
  expect(server.asked).toBe(2)
  engine.receive(told(message(1, 1, { mentions: ['me'] })))
  await vi.advanceTimersByTimeAsync(1_000)
  engine.receive(told(message(1, 2, { mentions: [] }), 'UPDATE'))
  engine.receive(elsewhere)
  await vi.advanceTimersByTimeAsync(300)
  expect(server.asked).toBe(3)
})

test('a removed membership drops the channel; a new one is fetched', async () => {
  const { engine, server, known, seen } = setup()
  await engine.refresh()
  engine.receive({ table: 'channel_members', type: 'DELETE', row: { channel_id: 'random', user_id: 'me' } })
  engine.receive({ table: 'channel_members', type: 'DELETE', row: { channel_id: 'random', user_id: 'me' } })
  expect(seen.dropped).toEqual(['random'])
  server.channels.push(channel('secret', { kind: 'private' }))
  engine.receive({ table: 'channel_members', type: 'INSERT', row: { channel_id: 'secret', user_id: 'me' } })
  await calm()
  expect(known.has('secret')).toBe(true)
})

test('a membership that ended unheard is noticed with the next picture', async () => {
  const { engine, server, seen } = setup()
  await engine.refresh()
  server.channels.pop()
  await engine.refresh()
  expect(seen.kept).toEqual(['general'])
})

test('a picture that was taken before a membership ended does not bring the channel back', async () => {
  const { engine, server, known } = setup()
  await engine.refresh()
  const asking = engine.refresh()
  // The answer was made, and is on its way.
  server.channels.pop()
  engine.receive({ table: 'channel_members', type: 'DELETE', row: { channel_id: 'random', user_id: 'me' } })
  await asking
  await vi.advanceTimersByTimeAsync(1_000)
  expect([...known.keys()]).toEqual(['general'])
})

test('a picture that was taken before a channel changed does not take the change back', async () => {
  const { engine, server, general } = setup()
  await engine.refresh()
  const asking = engine.refresh()
  Object.assign(server.channels[0] as Channel, { topic: 'new' })
  engine.receive({ table: 'channels', type: 'UPDATE', row: { id: 'general', topic: 'new' } })
  await asking
  await vi.advanceTimersByTimeAsync(1_000)
  expect(general().topic).toBe('new')
})

test('what is in doubt while a picture is on its way is asked for after it', async () => {
  const { engine, server } = setup()
  await engine.refresh()
  const asking = engine.refresh()
  engine.doubt()
  await asking
  await vi.advanceTimersByTimeAsync(1_000)
  expect(server.asked).toBe(3)
})

test('others who come and go are counted', async () => {
  const { engine, general } = setup()
  await engine.refresh()
  const row = { channel_id: 'general', user_id: 'bob' }
  engine.receive({ table: 'channel_members', type: 'INSERT', row })
  engine.receive({ table: 'channel_members', type: 'INSERT', row: { ...row, user_id: 'eve' } })
  engine.receive({ table: 'channel_members', type: 'DELETE', row })
  expect(general().member_count).toBe(1)
})

test.each([
  ['leaving the workspace', 'DELETE' as const, {}],
  ['being deactivated in it', 'UPDATE' as const, { deactivated_at: '2026-01-01T00:00:00Z' }],
])('%s is told, and the picture is asked for', async (_what, type, change) => {
  const { engine, server, seen } = setup()
  await engine.refresh()
  const row = { workspace_id: 'w', user_id: 'me', deactivated_at: null }
  engine.receive({ table: 'workspace_members', type: 'UPDATE', row })
  await calm()
  expect(seen.left).toEqual([])
  engine.receive({ table: 'workspace_members', type, row: { ...row, ...change } })
  await calm()
  expect(seen.left).toEqual(['w'])
  expect(server.asked).toBe(3)
})

test('read elsewhere clears the badge; read in part asks how many mentions are left', async () => {
  const { engine, server, general } = setup()
  await engine.refresh()
  engine.receive(told(message(1, 1, { mentions: ['me'] })))
  engine.receive(told(message(2, 2, { mentions: ['me'] })))
  await calm()
  const read = (seq: number) => ({
    table: 'read_states',
    type: 'UPDATE' as const,
    row: { channel_id: 'general', last_read_seq: seq, unread_from_seq: null },
  })
  engine.receive(read(1))
  await vi.advanceTimersByTimeAsync(1_100)
  expect(server.asked).toBe(2)
  engine.receive(told(message(3, 30)))
  await calm()
  engine.receive(read(3))
  expect(general()).toMatchObject({ mention_count: 0, read: { last_read_seq: 3 } })
})

test('asks again after being hidden for more than a minute, when online again, and now and then', async () => {
  const { engine, server } = setup()
  engine.connected()
  await calm()
  engine.visibility(false)
  await vi.advanceTimersByTimeAsync(30_000)
  engine.visibility(true)
  await calm()
  expect(server.asked).toBe(1)
  engine.visibility(false)
  await vi.advanceTimersByTimeAsync(61_000)
  engine.visibility(true)
  await calm()
  expect(server.asked).toBe(2)
  engine.online()
  await calm()
  expect(server.asked).toBe(3)
  await vi.advanceTimersByTimeAsync(5 * 60_000)
  expect(server.asked).toBe(4)
})

test('what failed before the network came back says nothing of now; a refusal stays', async () => {
  const { engine, server, last } = setup()
  await engine.refresh()
  server.error = { message: 'Failed to fetch' }
  await engine.refresh()
  expect(last().error).toMatchObject({ status: 0 })
  engine.online()
  expect(last().error).toBeNull()
  server.error = { code: 'PGRST301', message: 'refused', status: 401 }
  await engine.refresh()
  engine.online()
  expect(last().error).toMatchObject({ status: 401 })
})

test('a server that answers again after it did not is worth looking after the socket', async () => {
  const { engine, server, seen } = setup()
  await engine.refresh()
  engine.connected()
  await vi.advanceTimersByTimeAsync(0)
  engine.disconnected()
  server.error = { message: 'Failed to fetch' }
  await vi.advanceTimersByTimeAsync(30_000)
  expect(seen.reachable).toBe(0)
  server.error = null
  await vi.advanceTimersByTimeAsync(30_000)
  expect(seen.reachable).toBe(1)
})

test('without a socket it keeps asking', async () => {
  const { engine, server } = setup()
  await engine.refresh()
  engine.disconnected()
  await vi.advanceTimersByTimeAsync(31_000)
  expect(server.asked).toBe(4)
  engine.stop()
})
