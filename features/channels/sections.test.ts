import { expect, test } from 'vitest'
import { type ChannelRow, completeChannel } from './schema'
import { sidebarSections, signalOf } from './sections'

const channel = (row: ChannelRow) => completeChannel({ kind: 'public', workspace_id: 'w', ...row })
const head = (last_seq: number, last_message_at: string | null = null) => ({
  last_seq,
  last_rev: last_seq,
  min_rev: 0,
  last_message_at,
})

test('lists channels by name and direct conversations by their last message', () => {
  const all = [
    channel({ id: 'b', name: 'beta-10' }),
    channel({ id: 'a', name: 'beta-9' }),
    channel({ id: 's', name: 'zeta', starred_at: '2026-01-01' }),
    channel({ id: 'old', kind: 'direct', head: head(1, '2026-01-01') }),
    channel({ id: 'new', kind: 'direct', head: head(1, '2026-02-01') }),
    channel({ id: 'gone', name: 'gone', archived_at: '2026-01-01' }),
    channel({ id: 'looked-at', name: 'other', is_member: false }),
  ]
  expect(sidebarSections(Object.fromEntries(all.map((item) => [item.id, item])))).toEqual({
    starred: ['s'],
    channels: ['a', 'b'],
    directs: ['new', 'old'],
  })
})

test('a channel is bold when something is unread and counts mentions only', () => {
  const read = { last_read_seq: 3, unread_from_seq: null }
  expect(signalOf(channel({ id: '1', head: head(5), read }))).toEqual({
    unread: true,
    count: 0,
    muted: false,
  })
  expect(signalOf(channel({ id: '1', head: head(5), read, mention_count: 2 })).count).toBe(2)
  expect(signalOf(channel({ id: '1', head: head(3), read })).unread).toBe(false)
})

test('a direct conversation counts every waiting message', () => {
  const read = { last_read_seq: 3, unread_from_seq: null }
  expect(signalOf(channel({ id: '1', kind: 'direct', head: head(5), read })).count).toBe(2)
})

test('marked unread counts from the marked message', () => {
  const read = { last_read_seq: 5, unread_from_seq: 4 }
  const signal = signalOf(channel({ id: '1', kind: 'direct', head: head(5), read }))
  expect(signal).toEqual({ unread: true, count: 2, muted: false })
})

test('muted is never bold but keeps mentions', () => {
  const muted = { id: '1', muted_at: '2026-01-01', head: head(5), mention_count: 1 }
  expect(signalOf(channel(muted))).toEqual({ unread: false, count: 1, muted: true })
  expect(signalOf(channel({ ...muted, kind: 'direct', mention_count: 0 })).count).toBe(0)
})
