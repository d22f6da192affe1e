/** A file as a message carries it; the attachments feature knows how it is shown. */
export type MessageFile = {
  id: string
  name: string
  type: string
  size: number
  width?: number
  height?: number
  duration?: number
  waveform?: number[]
  alt?: string
}

/** A row of `messages`: everything a timeline draws, so that no second question is needed. */
export type Message = {
  id: string
  channel_id: string
  /** Null when the author's account was deleted. */
  user_id: string | null
  /** The root this is a reply to; null for messages of the timeline. */
  thread_id: string | null
  /** Place in the channel's timeline, dense; null for replies. */
  seq: number | null
  /** Place in the thread, dense; null for roots. */
  thread_seq: number | null
  /** The channel's change number that last touched this row. */
  rev: number
  body: string
  mentions: string[]
  mentions_all: boolean
  /** Who reacted with what: `{ "👍": ["user id", …] }`. */
  reactions: Record<string, string[]>
  attachments: MessageFile[]
  reply_count: number
  last_reply_at: string | null
  /** Newest first, at most five. */
  last_replier_ids: string[]
  last_thread_seq: number | null
  created_at: string
  edited_at: string | null
  deleted_at: string | null
}

/** A person as pages carry them; the profiles feature knows more. */
export type PagePerson = { id: string } & Record<string, unknown>

export type ChannelHead = {
  last_seq: number
  last_rev: number
  min_rev: number
  last_message_at: string | null
}

export type PageChannel = { id: string; is_member: boolean; head: ChannelHead } & Record<string, unknown>

export type ChannelPage = {
  channel: PageChannel
  messages: Message[]
  people: PagePerson[]
  has_before: boolean
  has_after: boolean
}

export type ThreadPage = { root: Message; messages: Message[]; people: PagePerson[]; has_before: boolean }

export type ChannelChanges = {
  rev: number
  min_rev: number
  messages: Message[]
  people: PagePerson[]
  has_more: boolean
}

export type MessageContext = {
  channel_id: string
  thread_id: string | null
  seq: number | null
  thread_seq: number | null
}

/** Longest body the database takes, in characters. */
export const MAX_BODY_LENGTH = 40_000
