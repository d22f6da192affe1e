import type { Channel } from '@/features/channels/schema'
import type { Message } from '@/features/messages/schema'
import type { ChannelWindow } from '@/features/messages/window'
import type { Device } from './device'
import { same, type Truth } from './truth'

/** Where a page differs from the database, in words; empty when it is equal in every channel and thread it has open. */
export function differences({ page, member, name }: Device, truth: Truth): string[] {
  if (!page) return [`${name} has no page`]
  const found: string[] = []
  for (const [id, window] of Object.entries(page.windows())) {
    if (window.isMember) found.push(...differentWindow(window, id, truth))
  }
  found.push(...differentChannels(Object.values(page.channels()), truth.channelsOf.get(member.userId) ?? []))
  return found.map((text) => `${name}: ${text}`)
}

function differentWindow(window: ChannelWindow, id: string, truth: Truth): string[] {
  if (!window.loaded || window.loading) return [`${id} is not loaded`]
  const all = truth.timelines.get(id) ?? []
  const found: string[] = []
  // What a purge took away is gone for whoever asks; a page that shows it still may.
  const kept = window.rows.filter((row) => (row.seq ?? 0) >= (all[0]?.seq ?? 0))
  const from = all.findIndex((row) => row.id === kept[0]?.id)
  const expected = kept.length > 0 ? all.slice(from, window.hasAfter ? from + kept.length : undefined) : all
  found.push(...differentRows(kept, expected, id))
  if (!window.hasBefore && from > 0) found.push(`${id}: what came before is not loaded`)
  for (const [rootId, thread] of Object.entries(window.threads)) {
    const root = truth.messages.get(rootId)
    if (!root) continue
    const replies = truth.threads.get(rootId) ?? []
    const first = thread.hasBefore ? replies.findIndex((row) => row.id === thread.rows[0]?.id) : 0
    found.push(
      ...differentRows([thread.root, ...thread.rows], [root, ...replies.slice(first)], `thread ${rootId}`),
    )
  }
  return found
}

function differentRows(shown: readonly Message[], expected: Message[], where: string): string[] {
  if (shown.length !== expected.length) return [`${where}: ${shown.length} rows, not ${expected.length}`]
  const index = shown.findIndex((row, place) => !same(row, expected[place]))
  if (index < 0) return []
  return [`${where}: ${JSON.stringify(shown[index])} is not ${JSON.stringify(expected[index])}`]
}

/** Which channels are mine, how far they go, what of them is unread and how often I am called. */
function differentChannels(shown: Channel[], expected: Channel[]): string[] {
  const numbers = ({ name, head, read, mention_count }: Channel) => ({
    name,
    last_seq: head.last_seq,
    last_read_seq: read.last_read_seq,
    unread_from_seq: read.unread_from_seq,
    mention_count,
  })
  const byId = new Map(shown.filter((channel) => channel.is_member).map((channel) => [channel.id, channel]))
  const found = expected.flatMap((channel) => {
    const mine = byId.get(channel.id)
    byId.delete(channel.id)
    if (!mine) return [`${channel.name} is missing`]
    const [a, b] = [numbers(mine), numbers(channel)]
    return same(a, b) ? [] : [`${JSON.stringify(a)} is not ${JSON.stringify(b)}`]
  })
  return [...found, ...[...byId.values()].map(({ name }) => `${name} is left, but still there`)]
}
