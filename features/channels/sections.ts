import type { Channel } from './schema'

export type Sections = { starred: string[]; channels: string[]; directs: string[] }

/** Older direct conversations are a search away; a list of all of them is no list to look at. */
const DIRECTS_SHOWN = 40

// One for all comparisons: the list is sorted again whenever a channel changes.
const names = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })
const byName = (a: Channel, b: Channel) => names.compare(a.name ?? '', b.name ?? '')

const lately = (channel: Channel) => channel.head.last_message_at ?? channel.created_at

const byRecency = (a: Channel, b: Channel) => (lately(a) < lately(b) ? 1 : lately(a) > lately(b) ? -1 : 0)

const made = new WeakMap<Record<string, Channel>, Sections>()

/** What the sidebar lists, in order: starred ones, channels by name, direct conversations by last message. */
export function sidebarSections(byId: Record<string, Channel>): Sections {
  const known = made.get(byId)
  if (known) return known
  const sections = sortSections(byId)
  made.set(byId, sections)
  return sections
}

function sortSections(byId: Record<string, Channel>): Sections {
  const mine = Object.values(byId).filter((channel) => channel.is_member && !channel.archived_at)
  const ids = (list: Channel[]) => list.map((channel) => channel.id)
  const starred = mine.filter((channel) => channel.starred_at)
  const rest = mine.filter((channel) => !channel.starred_at)
  const named = (channel: Channel) => channel.kind !== 'direct'
  const direct = (channel: Channel) => channel.kind === 'direct'
  return {
    starred: [...ids(starred.filter(named).sort(byName)), ...ids(starred.filter(direct).sort(byRecency))],
    channels: ids(rest.filter(named).sort(byName)),
    directs: ids(rest.filter(direct).sort(byRecency)).slice(0, DIRECTS_SHOWN),
  }
}

export type Signal = { unread: boolean; count: number; muted: boolean }

/** How a row asks for attention: bold when unread, a number for mentions and for direct messages, dim when muted. */
export function signalOf(channel: Channel): Signal {
  const { head, read, kind, mention_count } = channel
  const muted = channel.muted_at !== null
  const unread = read.unread_from_seq !== null || head.last_seq > read.last_read_seq
  const from = read.unread_from_seq ?? read.last_read_seq + 1
  const waiting = unread ? Math.max(0, head.last_seq - from + 1) : 0
  const count = kind === 'direct' && !muted ? Math.max(waiting, mention_count) : mention_count
  return { unread: unread && !muted, count, muted }
}
