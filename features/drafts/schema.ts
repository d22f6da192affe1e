/** A row of `drafts`: what a person has not sent yet, per conversation and per thread. */
export type DraftRow = { channel_id: string; thread_id: string | null; body: string; updated_at: string }

/** What this browser knows of a draft. */
export type Draft = {
  body: string
  updated_at: string
  /** Typed here and not on the server yet. */
  dirty: boolean
}

export const draftKey = (channelId: string, threadId: string | null) => `${channelId}:${threadId ?? ''}`
