import { expect, test } from 'vitest'
import { completeChannel } from '@/features/channels/schema'
import { pickTopics } from './pick-topics'

const channel = (id: string, kind: 'public' | 'private' | 'direct' = 'public', at = '') => ({
  ...completeChannel({ id, kind }),
  head: { last_seq: 0, last_rev: 0, min_rev: 0, last_message_at: at || null },
})
const many = Array.from({ length: 100 }, (_, n) =>
  channel(`c${n}`, 'public', `2026-01-01T00:00:${`${n}`.padStart(3, '0')}`),
)
const nobody = new Set<string>()
const base = { me: 'ada', workspaces: [], visited: nobody, open: nobody }

test('my topic, my workspaces unless I am a guest there, and channels that are no direct conversations', () => {
  const { topics, unheard } = pickTopics({
    ...base,
    workspaces: [{ id: 'w', role: 'member' }],
    channels: [channel('general'), channel('dm', 'direct'), { ...channel('seen'), is_member: false }],
  })
  expect(topics).toEqual(['changes:user:ada', 'changes:workspace:w', 'changes:channel:general'])
  expect(unheard).toBe(false)
  const guest = pickTopics({ ...base, workspaces: [{ id: 'w', role: 'guest' }], channels: [] })
  expect(guest.topics).toEqual(['changes:user:ada'])
})

test('of very many channels those on the screen, those already heard, and those used last', () => {
  const { topics, unheard } = pickTopics({
    ...base,
    channels: many,
    visited: new Set(['c0']),
    open: new Set(['changes:channel:c1']),
  })
  expect(topics).toHaveLength(81)
  expect(topics.slice(1, 4)).toEqual(['changes:channel:c0', 'changes:channel:c1', 'changes:channel:c99'])
  expect(unheard).toBe(true)
})
