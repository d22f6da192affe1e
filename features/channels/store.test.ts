import { beforeEach, expect, test } from 'vitest'
import { completeChannel } from './schema'
import { applyChannel, applyRead, channels, setChannels } from './store'

const head = (last_seq: number, last_rev: number) => ({
  last_seq,
  last_rev,
  min_rev: 0,
  last_message_at: null,
})
const general = () => channels.get().byId.general

beforeEach(() => {
  setChannels([
    completeChannel({ id: 'general', workspace_id: 'w', kind: 'public', head: head(2, 5), mention_count: 1 }),
  ])
})

test('an answer that events have overtaken takes nothing back', () => {
  applyChannel({ id: 'general', topic: 'news', head: head(1, 4), mention_count: 0 })
  expect(general()).toMatchObject({ topic: 'news', head: head(2, 5), mention_count: 1 })
})

test('an event that overtook what was never heard does not hide it', () => {
  // Known from a reaction to the first message; the second was written while nobody listened.
  applyChannel({ id: 'general', head: head(2, 9) })
  applyChannel({ id: 'general', head: head(3, 8) })
  expect(general()?.head).toEqual(head(3, 9))
})

test('what a server restored from a backup says is true, though it knows of less', () => {
  applyChannel({ id: 'general', read: { last_read_seq: 2, unread_from_seq: null } })
  const restored = { ...head(1, 1_000_004), min_rev: 1_000_004 }
  const read = { last_read_seq: 1, unread_from_seq: null }
  applyChannel({ id: 'general', head: restored, read, mention_count: 0 })
  expect(general()).toMatchObject({ head: restored, read, mention_count: 0 })
})

test('what was read meanwhile stays read', () => {
  applyChannel({ id: 'general', read: { last_read_seq: 2, unread_from_seq: null } })
  applyChannel({ id: 'general', read: { last_read_seq: 1, unread_from_seq: null } })
  expect(general()?.read).toEqual({ last_read_seq: 2, unread_from_seq: null })
  applyChannel({ id: 'general', read: { last_read_seq: 2, unread_from_seq: 1 } })
  expect(general()?.read.unread_from_seq).toBe(1)
})

test('reading an older message takes no mark back, as the database takes none back and tells nobody', () => {
  applyRead('general', { last_read_seq: 2, unread_from_seq: null }, 0)
  applyRead('general', { last_read_seq: 1, unread_from_seq: null }, 0)
  expect(general()).toMatchObject({ read: { last_read_seq: 2, unread_from_seq: null }, mention_count: 0 })
  applyRead('general', { last_read_seq: 2, unread_from_seq: 2 })
  applyRead('general', { last_read_seq: 1, unread_from_seq: null })
  expect(general()?.read).toEqual({ last_read_seq: 2, unread_from_seq: 2 })
  applyRead('general', { last_read_seq: 2, unread_from_seq: null })
  expect(general()?.read).toEqual({ last_read_seq: 2, unread_from_seq: null })
})
