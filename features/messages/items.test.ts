import { expect, test } from 'vitest'
import { blankMessage } from './fake-server'
import { buildItems } from './items'
import type { OutboxEntry } from './outbox-db'
import type { Message } from './schema'

function row(seq: number, time: string, user = 'ada'): Message {
  return { ...blankMessage(`m${seq}`, 'c', user, 'x'), seq, rev: seq, created_at: time }
}

const entry = (id: string, state: OutboxEntry['state'] = 'pending'): OutboxEntry => ({
  id,
  channel_id: 'c',
  thread_id: null,
  body: 'x',
  state,
  created_at: '2026-11-23T12:00:00',
  attempts: 0,
  retry_at: 0,
  error: null,
})

const input = { outbox: [], me: 'me' }

test('days, groups of one author within five minutes, and the line before the first unread', () => {
  const rows = [
    row(1, '2026-11-22T23:58:00'),
    row(2, '2026-11-22T23:59:00'),
    row(3, '2026-11-23T00:01:00'),
    row(4, '2026-11-23T00:02:00', 'bob'),
    row(5, '2026-11-23T00:03:00', 'bob'),
    row(6, '2026-11-23T00:09:00', 'bob'),
  ]
  const items = buildItems({ ...input, rows, divider: 5 })
  expect(items.map((item) => item.day)).toEqual(['2026-11-22', null, '2026-11-23', null, null, null])
  expect(items.map((item) => item.grouped)).toEqual([false, true, false, false, false, false])
  expect(items.map((item) => item.isNew)).toEqual([false, false, false, false, true, false])
})

test('a line whose message is not loaded is not drawn at the edge of the window', () => {
  const rows = [row(8, '2026-11-23T10:00:00'), row(9, '2026-11-23T10:01:00')]
  expect(buildItems({ ...input, rows, divider: 5 }).some((item) => item.isNew)).toBe(false)
})

test('what is on its way comes last, once, and keeps its key when it is stored', () => {
  const rows = [row(1, '2026-11-23T11:00:00')]
  const pending = buildItems({ ...input, rows, outbox: [entry('p1'), entry('p2', 'failed')] })
  expect(pending.map((item) => [item.key, item.state])).toEqual([
    ['m1', 'sent'],
    ['p1', 'pending'],
    ['p2', 'failed'],
  ])
  const stored = { ...row(2, '2026-11-23T12:00:00', 'me'), id: 'p1' }
  const both = buildItems({ ...input, rows: [...rows, stored], outbox: [entry('p1')] })
  expect(both.map((item) => [item.key, item.state])).toEqual([
    ['m1', 'sent'],
    ['p1', 'sent'],
  ])
})

test('items that did not change are the same objects', () => {
  const rows = [row(1, '2026-11-23T11:00:00'), row(2, '2026-11-23T11:01:00')]
  const items = buildItems({ ...input, rows })
  const previous = { input: { ...input, rows }, items }
  const edited = { ...(rows[1] as Message), body: 'edited', rev: 3 }
  const second = buildItems({ ...input, rows: [rows[0] as Message, edited] }, previous)
  expect(second[0]).toBe(items[0])
  expect(second[1]).not.toBe(items[1])
})

test('older messages that arrive do not change how the first row was drawn', () => {
  const rows = [row(2, '2026-11-23T11:01:00'), row(3, '2026-11-23T11:02:00')]
  const first = buildItems({ ...input, rows, hasBefore: true })
  expect(first[0]).toMatchObject({ day: null, grouped: false })
  const previous = { input: { ...input, rows, hasBefore: true }, items: first }
  const second = buildItems({ ...input, rows: [row(1, '2026-11-23T11:00:00'), ...rows] }, previous)
  expect(second[1]).toBe(first[0])
})

test('built from before or from nothing, what arrives at the end is the same', () => {
  const all = Array.from({ length: 12 }, (_, i) =>
    row(i + 1, `2026-11-2${i < 6 ? 2 : 3}T10:0${i % 6}:00`, i % 4 < 2 ? 'ada' : 'bob'),
  )
  let built = {
    input: { ...input, rows: [] as Message[], divider: 5 },
    items: buildItems({ ...input, rows: [] }),
  }
  for (let count = 1; count <= all.length; count++) {
    const next = { ...input, rows: all.slice(0, count), divider: 5 }
    const items = buildItems(next, built)
    expect(items).toEqual(buildItems(next))
    for (const [i, item] of built.items.entries()) expect(items[i]).toBe(item)
    built = { input: next, items }
  }
})
