import type { ChannelChanges, ChannelPage, Message, ThreadPage } from './schema'

/** A channel as the database keeps it, in memory, for tests: dense seq and rev, tombstones, changes since a rev. */
export class FakeChannel {
  readonly rows = new Map<string, Message>()
  lastSeq = 0
  lastRev = 0
  minRev = 0
  readonly listeners = new Set<(row: Message) => void>()
  private next = 0

  readonly id: string

  constructor(id = 'channel') {
    this.id = id
  }

  post(input: { id?: string; body?: string; user?: string; thread?: string } = {}): Message {
    const id = input.id ?? `m${++this.next}`
    const existing = this.rows.get(id)
    if (existing) return existing
    const root = input.thread ? this.mustGet(input.thread) : undefined
    const row: Message = {
      ...blankMessage(id, this.id, input.user ?? 'ada', input.body ?? `text of ${id}`),
      thread_id: root?.id ?? null,
      seq: root ? null : ++this.lastSeq,
      thread_seq: root ? (root.last_thread_seq ?? 0) + 1 : null,
      rev: ++this.lastRev,
    }
    this.save(row)
    if (root) {
      this.change(root.id, (current) => ({
        ...current,
        reply_count: current.reply_count + 1,
        last_thread_seq: row.thread_seq,
        last_reply_at: row.created_at,
      }))
    }
    return row
  }

  change(id: string, patch: (row: Message) => Message): Message {
    const row = { ...patch(this.mustGet(id)), rev: ++this.lastRev }
    this.save(row)
    return row
  }

  remove(id: string): Message {
    return this.change(id, (row) => ({ ...row, body: '', deleted_at: '2026-11-23T10:00:00Z' }))
  }

  roots(): Message[] {
    return [...this.rows.values()].filter((row) => row.seq).sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0))
  }

  replies(root: string): Message[] {
    return [...this.rows.values()]
      .filter((row) => row.thread_id === root)
      .sort((a, b) => (a.thread_seq ?? 0) - (b.thread_seq ?? 0))
  }

  page(at: { before?: number; after?: number; around?: number; size?: number } = {}): ChannelPage {
    const all = this.roots()
    const size = at.size ?? 50
    let from = Math.max(0, all.length - size)
    if (at.before !== undefined) from = Math.max(0, at.before - 1 - size)
    if (at.after !== undefined) from = at.after
    if (at.around !== undefined) from = Math.max(0, at.around - 1 - Math.floor(size / 2))
    const to = at.before !== undefined ? at.before - 1 : Math.min(all.length, from + size)
    return {
      channel: { id: this.id, is_member: true, head: this.head() },
      messages: all.slice(from, to),
      people: [],
      has_before: from > 0,
      has_after: to < all.length,
    }
  }

  thread(root: string, before?: number, size = 50): ThreadPage {
    const all = this.replies(root).filter((row) => before === undefined || (row.thread_seq ?? 0) < before)
    return {
      root: this.mustGet(root),
      messages: all.slice(-size),
      people: [],
      has_before: all.length > size,
    }
  }

  changes(since: number, size = 200): ChannelChanges {
    const all = [...this.rows.values()].filter((row) => row.rev > since).sort((a, b) => a.rev - b.rev)
    const messages = all.slice(0, size)
    const more = all.length > size
    const rev = more ? (messages.at(-1)?.rev ?? since) : this.lastRev
    return { rev, min_rev: this.minRev, messages, people: [], has_more: more }
  }

  head() {
    return { last_seq: this.lastSeq, last_rev: this.lastRev, min_rev: this.minRev, last_message_at: null }
  }

  private mustGet(id: string): Message {
    const row = this.rows.get(id)
    if (!row) throw new Error(`no message ${id}`)
    return row
  }

  private save(row: Message) {
    this.rows.set(row.id, row)
    for (const listener of this.listeners) listener(row)
  }
}

export function blankMessage(id: string, channel: string, user: string, body: string): Message {
  return {
    id,
    channel_id: channel,
    user_id: user,
    thread_id: null,
    seq: null,
    thread_seq: null,
    rev: 0,
    body,
    mentions: [],
    mentions_all: false,
    reactions: {},
    attachments: [],
    reply_count: 0,
    last_reply_at: null,
    last_replier_ids: [],
    last_thread_seq: null,
    created_at: '2026-11-23T09:00:00Z',
    edited_at: null,
    deleted_at: null,
  }
}

/** Repeatable random numbers: the same seed gives the same history. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
