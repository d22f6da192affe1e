import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FakeChannel } from './fake-server'
import type { NewMessage } from './mutations'
import { Outbox } from './outbox'
import { memoryDb, type OutboxDb, openOutboxDb } from './outbox-db'
import type { Message } from './schema'

beforeEach(() => {
  // IndexedDB's own queue must keep running: only the outbox's clock is ours.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const network = { code: 'network', status: 0, message: 'no network' }
let person = 0

function server() {
  const channel = new FakeChannel()
  const state = { failWith: null as object | null, loseAnswers: false, sends: [] as string[] }
  async function send(message: NewMessage): Promise<Message> {
    state.sends.push(message.body)
    if (state.failWith && !state.loseAnswers) throw state.failWith
    const row = channel.post({ id: message.id, body: message.body })
    if (state.loseAnswers) throw network
    return row
  }
  return { channel, state, send }
}

async function tab(
  user: string,
  ports: { send(message: NewMessage): Promise<Message> },
  others: Outbox[] = [],
  db?: OutboxDb,
) {
  const sent: Message[] = []
  const outbox: Outbox = new Outbox({
    db: db ?? (await openOutboxDb(user)),
    send: ports.send,
    sent: (row) => sent.push(row),
    lock: sharedLock,
    announce: () => {
      for (const other of others) if (other !== outbox) void other.heard()
    },
    random: () => 1,
  })
  others.push(outbox)
  await outbox.start()
  return { outbox, sent }
}

const queues = new Map<string, Promise<void>>()
function sharedLock(name: string, work: () => Promise<void>) {
  const run = (queues.get(name) ?? Promise.resolve()).then(work, work)
  queues.set(name, run)
  return run
}

const write = (outbox: Outbox, body: string) => outbox.add({ channel_id: 'channel', thread_id: null, body })
const bodies = (outbox: Outbox) => outbox.store.get().map((entry) => entry.body)
const until = (check: () => void) => vi.waitFor(check, { interval: 5 })

test('is drawn at once and leaves when the server has it', async () => {
  const { channel, send } = server()
  const { outbox, sent } = await tab(`person${++person}`, { send })
  const entry = write(outbox, 'hello')
  expect(bodies(outbox)).toEqual(['hello'])
  await until(() => expect(outbox.store.get()).toEqual([]))
  expect(sent).toEqual([channel.rows.get(entry.id)])
})

test('keeps the order of a channel while the network is away, and sends when it is back', async () => {
  const { channel, state, send } = server()
  const { outbox } = await tab(`person${++person}`, { send })
  state.failWith = network
  for (const body of ['one', 'two', 'three']) write(outbox, body)
  await until(() => expect(outbox.store.get()[0]?.attempts).toBe(1))
  expect(state.sends).toEqual(['one'])
  state.failWith = null
  await outbox.wake()
  await until(() => expect(outbox.store.get()).toEqual([]))
  expect(channel.roots().map((row) => row.body)).toEqual(['one', 'two', 'three'])
})

test('survives a reload', async () => {
  const user = `person${++person}`
  const { channel, state, send } = server()
  state.failWith = network
  const before = await tab(user, { send })
  write(before.outbox, 'written before the crash')
  await until(() => expect(before.outbox.store.get()[0]?.attempts).toBe(1))
  before.outbox.close()
  state.failWith = null
  const after = await tab(user, { send })
  await until(() => expect(channel.roots()).toHaveLength(1))
  await until(() => expect(after.outbox.store.get()).toEqual([]))
})

test('an answer that got lost does not make a second message', async () => {
  const { channel, state, send } = server()
  const { outbox, sent } = await tab(`person${++person}`, { send })
  state.loseAnswers = true
  write(outbox, 'once')
  await until(() => expect(outbox.store.get()[0]?.attempts).toBe(1))
  state.loseAnswers = false
  await outbox.wake()
  await until(() => expect(sent).toHaveLength(1))
  expect(channel.roots()).toHaveLength(1)
  expect(state.sends).toEqual(['once', 'once'])
})

test('waits as long as the server asks, then tries again by itself', async () => {
  const { state, send } = server()
  const { outbox, sent } = await tab(`person${++person}`, { send })
  state.failWith = { code: 'too_many_requests', status: 429, message: 'slow', retryAfter: 20 }
  write(outbox, 'patience')
  await until(() => expect(outbox.store.get()[0]?.attempts).toBe(1))
  state.failWith = null
  await outbox.wake()
  await vi.advanceTimersByTimeAsync(19_000)
  expect(sent).toEqual([])
  await vi.advanceTimersByTimeAsync(1_500)
  await until(() => expect(sent).toHaveLength(1))
})

test('waits longer after each failure, up to half a minute', async () => {
  const { state, send } = server()
  const { outbox } = await tab(`person${++person}`, { send })
  state.failWith = { code: 'unavailable', status: 503, message: 'down' }
  const waits: number[] = []
  write(outbox, 'again')
  for (let attempt = 1; attempt <= 7; attempt++) {
    await until(() => expect(outbox.store.get()[0]?.attempts).toBe(attempt))
    const wait = (outbox.store.get()[0]?.retry_at ?? 0) - Date.now()
    waits.push(wait)
    await vi.advanceTimersByTimeAsync(wait + 60)
  }
  expect(waits.map((wait) => Math.round(wait / 1000))).toEqual([1, 2, 4, 8, 16, 30, 30])
  outbox.close()
})

test('a timer that fires before its time, or a clock that was set back, leaves nothing waiting', async () => {
  const { state, send } = server()
  const { outbox, sent } = await tab(`person${++person}`, { send })
  state.failWith = { code: 'unavailable', status: 503, message: 'down' }
  write(outbox, 'early')
  await until(() => expect(outbox.store.get()[0]?.attempts).toBe(1))
  state.failWith = null
  vi.setSystemTime(Date.now() - 300)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(sent).toEqual([])
  await vi.advanceTimersByTimeAsync(400)
  await until(() => expect(sent).toHaveLength(1))
})

test('a clock that was set back by hours keeps nobody waiting for hours', async () => {
  const { state, send } = server()
  const { outbox, sent } = await tab(`person${++person}`, { send })
  state.failWith = { code: 'unavailable', status: 503, message: 'down' }
  write(outbox, 'summer time')
  await until(() => expect(outbox.store.get()[0]?.attempts).toBe(1))
  state.failWith = null
  vi.setSystemTime(Date.now() - 3_600_000)
  await vi.advanceTimersByTimeAsync(1_000)
  await until(() => expect(sent).toHaveLength(1))
})

test('what the server refuses stays with the reason, does not hold up the next, and can be sent again', async () => {
  const { state, send } = server()
  const { outbox, sent } = await tab(`person${++person}`, { send })
  state.failWith = { code: 'PT409', message: 'This channel is archived.', details: 'channel_archived' }
  const entry = write(outbox, 'too late')
  await until(() =>
    expect(outbox.store.get()[0]).toMatchObject({ state: 'failed', error: { code: 'channel_archived' } }),
  )
  state.failWith = null
  write(outbox, 'in time')
  await until(() => expect(sent.map((row) => row.body)).toEqual(['in time']))
  await outbox.retry(entry.id)
  await until(() => expect(sent.map((row) => row.body)).toEqual(['in time', 'too late']))
  expect(bodies(outbox)).toEqual([])
})

test('a message whose id belongs to somebody else gets a new one when it is sent again', async () => {
  const { state, send } = server()
  const { outbox, sent } = await tab(`person${++person}`, { send })
  state.failWith = { code: 'message_id_taken', status: 409, message: 'taken' }
  const entry = write(outbox, 'mine')
  await until(() => expect(outbox.store.get()[0]?.state).toBe('failed'))
  state.failWith = null
  await outbox.retry(entry.id)
  await until(() => expect(sent).toHaveLength(1))
  expect(sent[0]?.id).not.toBe(entry.id)
})

test('two tabs share one outbox: every message is stored once and both end empty', async () => {
  const user = `person${++person}`
  const { channel, send } = server()
  const tabs: Outbox[] = []
  const first = await tab(user, { send }, tabs)
  const second = await tab(user, { send }, tabs)
  for (let i = 0; i < 10; i++) write(i % 2 ? first.outbox : second.outbox, `message ${i}`)
  await until(() => expect(channel.roots()).toHaveLength(10))
  await until(() => expect([...bodies(first.outbox), ...bodies(second.outbox)]).toEqual([]))
})

test('sends in order without its database, as a browser leaves it that has closed it or has no room', async () => {
  const { channel, state, send } = server()
  const broken = async () => {
    throw new DOMException('The database connection is closing.', 'InvalidStateError')
  }
  const db: OutboxDb = memoryDb()
  const { outbox } = await tab(`person${++person}`, { send }, [], db)
  Object.assign(db, { all: broken, put: broken, remove: broken })
  state.failWith = network
  for (const body of ['one', 'two']) write(outbox, body)
  await until(() => expect(outbox.store.get()[0]?.attempts).toBe(1))
  state.failWith = null
  await outbox.wake()
  await until(() => expect(bodies(outbox)).toEqual([]))
  expect(channel.roots().map((row) => row.body)).toEqual(['one', 'two'])
  const entry = write(outbox, 'three')
  await until(() => expect(channel.rows.has(entry.id)).toBe(true))
})

test('a deleted entry is not sent any more', async () => {
  const { channel, state, send } = server()
  const { outbox } = await tab(`person${++person}`, { send })
  state.failWith = network
  const entry = write(outbox, 'never mind')
  await until(() => expect(outbox.store.get()[0]?.attempts).toBe(1))
  await outbox.remove(entry.id)
  state.failWith = null
  await outbox.wake()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(channel.roots()).toEqual([])
})

test('what one tab takes back while another is sending it does not come again when that fails', async () => {
  const user = `person${++person}`
  const tabs: Outbox[] = []
  let fail = () => {}
  const slow = vi.fn(
    () =>
      new Promise<Message>((_, reject) => {
        fail = () => reject(network)
      }),
  )
  const first = await tab(user, { send: slow }, tabs)
  const second = await tab(user, { send: slow }, tabs)
  const entry = write(first.outbox, 'never mind')
  await until(() => expect(bodies(second.outbox)).toEqual(['never mind']))
  await second.outbox.remove(entry.id)
  await until(() => expect(bodies(first.outbox)).toEqual([]))
  fail()
  await vi.advanceTimersByTimeAsync(60_000)
  await first.outbox.heard()
  expect([...bodies(first.outbox), ...bodies(second.outbox)]).toEqual([])
  expect(slow).toHaveBeenCalledTimes(1)
})
