import { expect, test } from 'vitest'
import { type ChannelRow, completeChannel } from '@/features/channels/schema'
import type { Person } from '@/features/profiles/schema'
import { switcherTargets } from './switcher-targets'

const NOW = Date.parse('2026-11-20T12:00:00Z')
const channel = (row: ChannelRow) => completeChannel({ kind: 'public', workspace_id: 'w', ...row })
const person = (id: string, display_name: string): [string, Person] => [
  id,
  { id, display_name, handle: display_name.toLowerCase().replace(' ', '.'), avatar_url: null } as Person,
]
const people = Object.fromEntries([
  person('me', 'Ada Lovelace'),
  person('g', 'Grace Hopper'),
  person('m', 'Margaret Hamilton'),
])
const head = (last_seq: number, days: number) => ({
  last_seq,
  last_rev: last_seq,
  min_rev: 0,
  last_message_at: new Date(NOW - days * 86_400_000).toISOString(),
})

function find(query: string, channels = [] as ReturnType<typeof channel>[]) {
  const sources = {
    query,
    meId: 'me',
    channels,
    people,
    foundChannels: [],
    foundPeople: [],
    openChannel: () => {},
    openPerson: () => {},
    notJoined: 'Not joined',
  }
  return switcherTargets(sources, NOW).map(({ label, kind }) => `${kind} ${label}`)
}

test('somebody one talks with is found once, as the conversation', () => {
  const talk = channel({ id: 'd', kind: 'direct', member_ids: ['me', 'g'] })
  expect(find('grace', [talk])).toEqual(['channel Grace Hopper'])
  expect(find('@marg', [talk])).toEqual(['person Margaret Hamilton'])
})

test('a group is found by each of its people', () => {
  const group = channel({ id: 'd', kind: 'direct', member_ids: ['me', 'g', 'm'] })
  expect(find('hamilton', [group])).toContain('channel Grace, Margaret')
})

test('without a query, unread and recent conversations come first', () => {
  const quiet = channel({
    id: '1',
    name: 'quiet',
    head: head(3, 30),
    read: { last_read_seq: 3, unread_from_seq: null },
  })
  const recent = channel({
    id: '2',
    name: 'recent',
    head: head(3, 0),
    read: { last_read_seq: 3, unread_from_seq: null },
  })
  const unread = channel({
    id: '3',
    name: 'unread',
    head: head(3, 0),
    read: { last_read_seq: 1, unread_from_seq: null },
  })
  expect(find('', [quiet, recent, unread]).slice(0, 3)).toEqual([
    'channel unread',
    'channel recent',
    'channel quiet',
  ])
})

test('archived channels are not offered', () => {
  expect(find('old', [channel({ id: '1', name: 'old', archived_at: '2026-01-01' })])).toEqual([])
})
