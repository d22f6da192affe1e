import { expect, test } from 'vitest'
import { onArrival, onMarkUnread, onOpen, onSend, shouldRead } from './marks'

const looking = { focused: true, visible: true, atBottom: true }
const readTo = (seq: number) => ({ last_read_seq: seq, unread_from_seq: null })

test('the line is taken on opening, before the first unread message', () => {
  expect(onOpen(readTo(10), 15).divider).toBe(11)
  expect(onOpen(readTo(15), 15).divider).toBeNull()
  expect(onOpen({ last_read_seq: 15, unread_from_seq: 7 }, 15).divider).toBe(7)
})

test('counts as read only when somebody looks at the newest message', () => {
  const marks = onOpen(readTo(10), 15)
  expect(shouldRead(marks, readTo(10), 15, looking)).toBe(true)
  expect(shouldRead(marks, readTo(15), 15, looking)).toBe(false)
  for (const missing of ['focused', 'visible', 'atBottom']) {
    expect(shouldRead(marks, readTo(10), 15, { ...looking, [missing]: false }), missing).toBe(false)
  }
})

test('the line stays where it is while messages arrive', () => {
  const marks = onOpen(readTo(10), 15)
  expect(onArrival(marks, readTo(15), 16, { ...looking, focused: false })).toBe(marks)
})

test('messages that came while the window was in the background get a line', () => {
  const marks = onOpen(readTo(15), 15)
  expect(onArrival(marks, readTo(15), 16, looking).divider).toBeNull()
  expect(onArrival(marks, readTo(15), 16, { ...looking, focused: false }).divider).toBe(16)
})

test('marked unread by hand stays unread until something is sent', () => {
  const marks = onMarkUnread(12)
  expect(marks.divider).toBe(12)
  expect(shouldRead(marks, { last_read_seq: 15, unread_from_seq: 12 }, 15, looking)).toBe(false)
  expect(shouldRead(onSend(), { last_read_seq: 15, unread_from_seq: 12 }, 16, looking)).toBe(true)
})
