import type { OutboxEntry } from './outbox-db'
import type { Message } from './schema'

/** One row of a timeline: a message and what stands above it. Everything in one, so that index and message match. */
export type Item = {
  key: string
  message: Message
  state: 'sent' | 'pending' | 'failed'
  entry: OutboxEntry | null
  /** The day that begins here (YYYY-MM-DD in the reader's zone), or null. */
  day: string | null
  /** The "New" line stands above. */
  isNew: boolean
  /** Drawn under the one before, without name and picture. */
  grouped: boolean
}

const GROUP_MS = 5 * 60_000

type Input = {
  rows: readonly Message[]
  outbox: readonly OutboxEntry[]
  me: string
  /** First unread message (its seq, or thread_seq in a thread). */
  divider?: number | null
  placeOf?(message: Message): number | null
  /** Older messages are not loaded: what the first row belongs to is not known yet. */
  hasBefore?: boolean
  /** A message that stands above all rows: its day needs no announcement. */
  above?: Message
}

/** Items and what they were made of. */
export type Built = { input: Input; items: readonly Item[] }

/**
 * Rows and what is on its way, as items in drawing order. Items that did not change are the same objects as in
 * `previous`, so their rows are not drawn again. A message at the end costs what it costs, however many are above it.
 */
export function buildItems(input: Input, previous?: Built): Item[] {
  const { rows, outbox, me, divider = null, placeOf = seqOf, hasBefore, above } = input
  const kept = previous ? keptRows(input, previous.input) : 0
  const items = previous?.items.slice(0, kept) ?? []
  const known = new Map(previous?.items.slice(kept).map((item) => [item.key, item]))
  let last: Message | null = rows[kept - 1] ?? null
  // The first day is not announced at an edge: the line would go away when older messages of that day arrive.
  const edge = last ?? (hasBefore ? rows[0] : above)
  let lastDay = edge ? dayOf(edge.created_at) : null
  const add = (message: Message, entry: OutboxEntry | null) => {
    const day = dayOf(message.created_at)
    const place = placeOf(message)
    const isNew = divider !== null && place !== null && crosses(place, last ? placeOf(last) : null, divider)
    const newDay = day === lastDay ? null : day
    const next: Item = {
      key: message.id,
      message,
      state: entry ? entry.state : 'sent',
      entry,
      day: newDay,
      isNew,
      grouped: !newDay && !isNew && last !== null && belongs(last, message),
    }
    const before = known.get(next.key)
    // Drawn with its name once, it keeps it: taking it away would move what is being read.
    if (before && !before.grouped) next.grouped = false
    items.push(before && sameItem(before, next) ? before : next)
    last = message
    lastDay = day
  }
  for (const row of rows.slice(kept)) add(row, null)
  for (const entry of outbox) {
    if (!rows.findLast((row) => row.id === entry.id)) add(asMessage(entry, me), entry)
  }
  return items
}

const seqOf = (message: Message) => message.seq

/** How many rows from the first on have the same items as before. */
function keptRows(input: Input, before: Input): number {
  const { me, divider, placeOf, hasBefore, above } = input
  const asBefore =
    me === before.me &&
    divider === before.divider &&
    placeOf === before.placeOf &&
    hasBefore === before.hasBefore &&
    above === before.above
  if (!asBefore) return 0
  const most = Math.min(input.rows.length, before.rows.length)
  let count = 0
  while (count < most && input.rows[count] === before.rows[count]) count++
  return count
}

/** The line stands above the first message at or after the divider. */
function crosses(place: number, before: number | null, divider: number): boolean {
  return place >= divider && (before === null ? place === divider : before < divider)
}

function belongs(before: Message, message: Message): boolean {
  if (before.user_id !== message.user_id || before.deleted_at || message.deleted_at) return false
  const apart = Date.parse(message.created_at) - Date.parse(before.created_at)
  return Math.abs(apart) < GROUP_MS
}

function sameItem(a: Item, b: Item): boolean {
  return (
    a.message.rev === b.message.rev &&
    (a.message === b.message || (a.entry !== null && a.entry === b.entry)) &&
    a.entry === b.entry &&
    a.state === b.state &&
    a.day === b.day &&
    a.isNew === b.isNew &&
    a.grouped === b.grouped
  )
}

const days = new Map<string, string>()

/** The day in the reader's zone, as YYYY-MM-DD. */
function dayOf(time: string): string {
  const known = days.get(time)
  if (known) return known
  const date = new Date(time)
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`
  if (days.size > 20_000) days.clear()
  days.set(time, day)
  return day
}

const pad = (value: number) => String(value).padStart(2, '0')

/** A message on its way, as if it were stored: drawn the same, and the same bubble once it is. */
export function asMessage(entry: OutboxEntry, me: string): Message {
  return {
    id: entry.id,
    channel_id: entry.channel_id,
    user_id: me,
    thread_id: entry.thread_id,
    seq: null,
    thread_seq: null,
    rev: 0,
    body: entry.body,
    mentions: [],
    mentions_all: false,
    reactions: {},
    attachments: entry.attachments ?? [],
    reply_count: 0,
    last_reply_at: null,
    last_replier_ids: [],
    last_thread_seq: 0,
    created_at: entry.created_at,
    edited_at: null,
    deleted_at: null,
  }
}
