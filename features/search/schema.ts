/** A row of `messages`, as far as a result shows it. */
export type Hit = {
  id: string
  channel_id: string
  user_id: string | null
  thread_id: string | null
  rev: number
  body: string
  attachments: { id: string; name: string }[]
  created_at: string
  edited_at: string | null
  deleted_at: string | null
}

/** Where a hit was said; a conversation of named people has no name of its own. */
export type HitChannel = {
  id: string
  name: string | null
  kind: 'public' | 'private' | 'direct'
  archived_at: string | null
}

/** Where the next page begins. */
export type Cursor = { before_at: string; before_id: string | null }

export type SearchPage = {
  messages: Hit[]
  people: ({ id: string } & Record<string, unknown>)[]
  channels: HitChannel[]
  next: Cursor | null
}
