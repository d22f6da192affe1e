export type ChannelKind = 'public' | 'private' | 'direct'

type ChannelHead = {
  last_seq: number
  last_rev: number
  min_rev: number
  last_message_at: string | null
}

export type ChannelRead = { last_read_seq: number; unread_from_seq: number | null }

export type Channel = {
  id: string
  workspace_id: string
  kind: ChannelKind
  /** Null for direct conversations. */
  name: string | null
  topic: string
  purpose: string
  created_by: string | null
  created_at: string
  archived_at: string | null
  member_count: number
  is_member: boolean
  /** Who is in it; direct conversations only. */
  member_ids: string[]
  muted_at: string | null
  starred_at: string | null
  head: ChannelHead
  read: ChannelRead
  mention_count: number
}

export type ChannelRow = Partial<Channel> & { id: string }

const nothingYet: Omit<Channel, 'id' | 'workspace_id' | 'kind'> = {
  name: null,
  topic: '',
  purpose: '',
  created_by: null,
  created_at: '',
  archived_at: null,
  member_count: 0,
  is_member: true,
  member_ids: [],
  muted_at: null,
  starred_at: null,
  head: { last_seq: 0, last_rev: 0, min_rev: 0, last_message_at: null },
  read: { last_read_seq: 0, unread_from_seq: null },
  mention_count: 0,
}

/**
 * A row with whatever a function or an event left out. Answers and events overtake each other: counters only grow, so
 * an answer that is older than what was heard meanwhile takes nothing back. Only a server that was restored from a backup
 * does: its numbers begin above all that anybody has heard of.
 */
export function completeChannel(row: ChannelRow, known?: Channel): Channel {
  const base = known ?? (nothingYet as Channel)
  const restored = row.head !== undefined && row.head.min_rev > base.head.last_rev
  const overtaken = row.head !== undefined && base.head.last_rev > row.head.last_rev
  return {
    ...base,
    ...row,
    member_ids: row.member_ids ?? base.member_ids,
    head: row.head ? (restored ? row.head : laterHead(row.head, base.head)) : base.head,
    read: row.read ? (restored ? row.read : laterRead(row.read, base.read)) : base.read,
    mention_count: overtaken ? base.mention_count : (row.mention_count ?? base.mention_count),
  }
}

const laterHead = (a: ChannelHead, b: ChannelHead): ChannelHead => ({
  last_seq: Math.max(a.last_seq, b.last_seq),
  last_rev: Math.max(a.last_rev, b.last_rev),
  min_rev: Math.max(a.min_rev, b.min_rev),
  last_message_at: a.last_seq >= b.last_seq ? a.last_message_at : b.last_message_at,
})

const laterRead = (row: ChannelRead, known: ChannelRead): ChannelRead =>
  known.last_read_seq > row.last_read_seq ? known : row

/**
 * As `mark_read` and `mark_unread` of the database do it: a mark never goes back, and a "mark unread" point behind what is
 * read now stays. The database changes nothing then and tells nobody, so a mark that went back here would stay behind.
 */
export function readOn(known: ChannelRead, read: ChannelRead): ChannelRead {
  const later = known.unread_from_seq !== null && known.unread_from_seq > read.last_read_seq
  return {
    last_read_seq: Math.max(known.last_read_seq, read.last_read_seq),
    unread_from_seq: read.unread_from_seq ?? (later ? known.unread_from_seq : null),
  }
}

/** The first message that counts as unread; messages before it are read. */
export function isUnread(channel: Pick<Channel, 'head' | 'read'>) {
  return channel.read.unread_from_seq !== null || channel.head.last_seq > channel.read.last_read_seq
}
