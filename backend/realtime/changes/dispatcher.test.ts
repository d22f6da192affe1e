import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import type { Channel } from '../channel'
import type { Frame, SharedFrame } from '../frame'
import { type Principal, principalOf } from '../principals'
import { around } from '../protocol/codec'
import type { RowChange } from '../wal/pgoutput'
import { Between } from './between'
import type { CatalogueState, Table } from './catalogue'
import { type Checked, Conditions } from './conditions'
import { Dispatcher, TOLD_PER_TURN } from './dispatcher'
import type { Params } from './group'
import { changeOf } from './payload'
import { Subscriptions } from './subscriptions'
import { Visibility } from './visibility'

// What others may make the server do for changes that are none of their business.

const column = (name: string) => ({
  name,
  type: 'text',
  sqlType: 'text',
  typeOid: 25,
  base: 25,
  json: 'text' as never,
  textual: true,
})
const table = {
  oid: 1,
  schema: 'public',
  name: 'notes',
  rls: true,
  key: ['id'],
  columns: new Map(['id', 'room', 'body'].map((name) => [name, column(name)])),
  readable: new Map([['authenticated', new Set(['id', 'room', 'body'])]]),
  scope: {
    columns: ['room'],
    depends: [],
    probes: new Map([['authenticated', { single: 'probe', joint: null }]]),
  },
  row: null,
} satisfies Table
const state: CatalogueState = {
  tables: new Map([[1, table]]),
  bypass: new Set(),
  rules: new Map(),
  calls: new Map(),
}

const like = (pattern: string): Checked => ({
  column: 'body',
  operator: 'like',
  negated: false,
  values: [pattern],
  exact: true,
  asked: true,
})
const params = (conditions: Checked[]): Params => ({
  role: 'authenticated',
  event: '*',
  schema: 'public',
  table: 'notes',
  conditions,
  select: null,
})

/** A dispatcher whose questions are answered here: `ada` may see every room, nobody else any. */
function setUp(shared = 0) {
  const ada = principalOf({ role: 'authenticated', sub: 'ada' })
  const eve = principalOf({ role: 'authenticated', sub: 'eve' })
  const filters = vi.fn(async () => [{ letter: 't', ms: 0 }])
  const rights = vi.fn(async (_: unknown, ...values: unknown[]) => {
    const claims = String(values.at(-1))
    const asked = [...claims.matchAll(/ada|eve/g)]
    return [{ snapshot: '1:1:', letters: asked.map(([name]) => (name === 'ada' ? 't' : 'f')).join('') }]
  })
  const subscriptions = new Subscriptions()
  const between = new Between()
  const horizon = { ask: (question: () => Promise<unknown>) => question() }
  const log = pino({ level: 'silent' })
  const dispatcher = new Dispatcher({
    reader: undefined as never,
    subscriptions,
    conditions: new Conditions({ filtering: filters as never, checking: filters as never }, log),
    visibility: new Visibility({
      asking: rights as never,
      reader: undefined as never,
      horizon: horizon as never,
      callers: undefined as never,
      log,
    }),
    between,
    maxRecordBytes: 1_000_000,
  })
  let last = 0
  const broken = vi.fn()
  const system = vi.fn()
  const channels: Channel[] = []
  const listen = (who: Principal, conditions: Checked[], topic = 'x', bindings = 1) => {
    const deliver = vi.fn()
    const head = { joinRef: null, ref: null, topic: `realtime:${topic}`, event: 'postgres_changes' } as const
    const channel = {
      vsn: '2.0.0',
      topic: head.topic,
      aroundChanges: around('2.0.0', head),
      principal: who,
      deliver,
      system,
      break: broken,
    } as unknown as Channel
    channels.push(channel)
    for (let i = 0; i < bindings; i++) {
      last += 1
      subscriptions.add(channel, who, [{ id: shared || last, binding: {}, params: params(conditions) }])
    }
    return deliver
  }
  const write = (room: string, body = 'hello') => {
    const relation = {
      oid: 1,
      schema: 'public',
      name: 'notes',
      columns: ['id', 'room', 'body'].map((name) => ({ name, key: name === 'id', typeOid: 25 })),
    }
    const row = { tag: 'insert', relation, old: null, new: ['1', room, body] } as unknown as RowChange
    return dispatcher.dispatch(changeOf(table, row, new Date()), 1, state)
  }
  return { ada, eve, filters, rights, listen, write, broken, system, channels, between }
}

test('the pattern of somebody who may not see a row is not tried on it', async () => {
  const { ada, eve, filters, listen, write } = setUp()
  const hers = listen(ada, [like('h%')])
  const strange = listen(eve, [like('h%')])
  await write('one')
  expect(hers).toHaveBeenCalledOnce()
  expect(strange).not.toHaveBeenCalled()
  expect(filters).toHaveBeenCalledOnce()
})

test('a person is asked about once for each change, however many filters they have', async () => {
  const { eve, rights, listen, write } = setUp()
  for (let n = 0; n < 50; n++) listen(eve, [like(`${n}%`)])
  await write('one')
  expect(rights).toHaveBeenCalledOnce()
  await write('one')
  expect(rights).toHaveBeenCalledOnce()
  await write('two')
  expect(rights).toHaveBeenCalledTimes(2)
})

test('a filter that took too long is not tried again, and its channel is told once', async () => {
  const { ada, filters, listen, write, system } = setUp()
  const deliver = listen(ada, [like('%slow%')])
  filters.mockRejectedValueOnce(Object.assign(new Error('canceling statement'), { code: '57014' }))
  await write('one')
  await write('one')
  expect(filters).toHaveBeenCalledOnce()
  expect(deliver).not.toHaveBeenCalled()
  expect(system).toHaveBeenCalledExactlyOnceWith(
    'postgres_changes',
    'error',
    'A filter takes too long and is looked at no more: public.notes',
  )
})

test('where the server failed to look at a filter, those who would hear by it join again, and nobody else', async () => {
  const { ada, eve, filters, listen, write, broken, channels } = setUp(7)
  const pattern = like('h%')
  const hers = listen(ada, [pattern])
  listen(eve, [pattern])
  const plain = listen(ada, [])
  filters.mockRejectedValueOnce(Object.assign(new Error('deadlock detected'), { code: '40P01' }))
  await write('one')
  expect(broken.mock.contexts).toEqual([channels[0]])
  expect(hers).not.toHaveBeenCalled()
  expect(plain).toHaveBeenCalledOnce()
  filters.mockRejectedValueOnce(Object.assign(new Error('gone'), { code: 'CONNECTION_CLOSED' }))
  await expect(write('one')).rejects.toThrow('gone')
  expect(broken).toHaveBeenCalledOnce()
})

test('a filter that takes a little long each time is given up, too, though it holds', async () => {
  const { ada, filters, listen, write, system } = setUp()
  const deliver = listen(ada, [like('h%')])
  filters.mockImplementation(async () => [{ letter: 't', ms: 60 }])
  for (let i = 0; i < 10; i++) await write('one')
  expect(deliver).toHaveBeenCalledTimes(4)
  expect(system).toHaveBeenCalledOnce()
})

test('whoever might have had to hear of a change that could not be decided joins again', async () => {
  const { ada, rights, listen, write, broken } = setUp()
  listen(ada, [])
  rights.mockRejectedValueOnce(Object.assign(new Error('canceling statement'), { code: '57014' }))
  await expect(write('one')).rejects.toThrow('canceling')
  expect(broken).toHaveBeenCalledOnce()
  rights.mockRejectedValueOnce(Object.assign(new Error('gone'), { code: 'CONNECTION_CLOSED' }))
  await expect(write('one')).rejects.toThrow('gone')
  expect(broken).toHaveBeenCalledOnce()
})

test('what is raised for one person breaks off nobody who is asked about with them', async () => {
  const { ada, eve, rights, listen, write, broken, channels } = setUp(7)
  const told = listen(ada, [])
  listen(eve, [])
  const answer = rights.getMockImplementation()
  rights.mockImplementation(async (...asked) => {
    if (String(asked.at(-1)).includes('eve')) throw Object.assign(new Error('geometry'), { code: 'XX000' })
    return answer?.(...asked) ?? []
  })
  await write('one')
  expect(told).toHaveBeenCalledOnce()
  expect(broken.mock.contexts).toEqual([channels[1]])
  // Nothing was learned of her, so it is not remembered.
  if (answer) rights.mockImplementation(answer)
  await write('one')
  expect(String(rights.mock.lastCall?.at(-1))).toContain('eve')
})

/** What a receiver reads of a frame. */
const read = (frame: Frame) => {
  const bytes = Buffer.isBuffer(frame) ? frame : Buffer.concat(frame.pieces())
  return JSON.parse(bytes.subarray(bytes.indexOf('[')).toString())
}

test('who listens on other topics gets the same behind their topic, and of what is long the same bytes', async () => {
  const { ada, listen, write } = setUp(7)
  const topics = ['one', 'two']
  const listeners = topics.map((topic) => listen(ada, [], topic))
  for (const [n, body] of ['hello', 'long '.repeat(3_000)].entries()) {
    await write('room', body)
    for (const [i, deliver] of listeners.entries()) {
      const [, , on, event, { ids, data }] = read(deliver.mock.calls[n]?.[1])
      expect([on, event, ids, data.record.body]).toEqual([
        `realtime:${topics[i]}`,
        'postgres_changes',
        [7],
        body,
      ])
    }
  }
  const [first, second] = listeners.map((deliver) => deliver.mock.calls[1]?.[1] as SharedFrame)
  expect(first?.shared).toBe(second?.shared)
})

test('a channel with several bindings gets one message with all their ids', async () => {
  const { ada, listen, write } = setUp()
  const many = listen(ada, [], 'many', 3)
  const one = listen(ada, [])
  await write('room')
  expect(many).toHaveBeenCalledOnce()
  expect(read(many.mock.calls[0]?.[1])[4].ids).toEqual([1, 2, 3])
  expect(read(one.mock.calls[0]?.[1])[4].ids).toEqual([4])
})

test('a crowd is told in turns; who speaks for another token by then is not told', async () => {
  const { ada, eve, listen, write, channels } = setUp(7)
  const crowd = Array.from({ length: TOLD_PER_TURN * 2.5 }, () => listen(ada, []))
  const told = () => crowd.filter((deliver) => deliver.mock.calls.length > 0).length
  const writing = write('one')
  await vi.waitFor(() => expect(told()).toBeGreaterThan(0), { interval: 0 })
  const first = told()
  expect(first).toBeLessThan(crowd.length)
  Object.assign(channels.at(-1) ?? {}, { principal: eve })
  await writing
  expect(told()).toBe(crowd.length - 1)
  expect(crowd.at(-1)).not.toHaveBeenCalled()
})

test('many changes that follow one another leave turns to others as one of a large crowd does', async () => {
  const { ada, listen, write } = setUp(7)
  const crowd = Array.from({ length: TOLD_PER_TURN / 2 }, () => listen(ada, []))
  await write('one')
  const told = () => crowd.reduce((sum, { mock }) => sum + mock.calls.length, 0)
  const turns: number[] = []
  const watch = () => {
    turns.push(told())
    timer = setImmediate(watch)
  }
  let timer = setImmediate(watch)
  for (let i = 0; i < 10; i++) await write('one')
  clearImmediate(timer)
  const steps = [...turns, told()].map((n, i) => n - (turns[i - 1] ?? 0))
  expect(Math.max(...steps)).toBeLessThanOrEqual(TOLD_PER_TURN)
})

test('a token that is changed while a crowd is told counts from after that', async () => {
  const { ada, eve, listen, write, channels, between } = setUp(7)
  const crowd = Array.from({ length: TOLD_PER_TURN * 2.5 }, () => listen(ada, []))
  const told = () => crowd.filter((deliver) => deliver.mock.calls.length > 0).length
  const writing = write('one')
  await vi.waitFor(() => expect(told()).toBeGreaterThan(0), { interval: 0 })
  const changing = between.take(() => Object.assign(channels.at(-1) ?? {}, { principal: eve }))
  await writing
  expect(told()).toBe(crowd.length)
  await changing
  expect(channels.at(-1)?.principal).toBe(eve)
})
