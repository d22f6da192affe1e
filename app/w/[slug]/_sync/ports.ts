import type { Channel, ChannelRow } from '@/features/channels/schema'
import type { DraftRow } from '@/features/drafts/schema'
import type { Message } from '@/features/messages/schema'
import type { Person } from '@/features/profiles/schema'
import type { Workspace } from '@/features/workspaces/schema'
import type { AppError } from '@/lib/errors'

/** The answer of `bootstrap`. */
export type Bootstrap = {
  me: Person
  workspaces: Workspace[]
  workspace: Workspace | null
  channels: Channel[]
  people: Person[]
  drafts: DraftRow[]
  /** How changes are told, where it is not by `postgres_changes`. */
  realtime?: 'broadcast' | null
  /** What this is a picture of, to ask with for what changes later; of a kept picture nobody can. */
  as_of: string | null
}

/** A row change as realtime tells it. A delete carries the primary key only. */
export type Change = {
  table: string
  type: 'INSERT' | 'UPDATE' | 'DELETE'
  row: Record<string, unknown>
}

/** What the sync loop fills and asks; each is one small function so that a test can stand in for it. */
export type SyncPorts = {
  me: string
  bootstrap(): Promise<Bootstrap>
  /** What an earlier visit kept of that answer. */
  kept(): Promise<Bootstrap | undefined>
  /** Puts the answer, or what was kept of one, into all stores. */
  fill(data: Bootstrap, from: 'server' | 'cache'): void
  channel(id: string): Channel | undefined
  applyChannel(row: ChannelRow): void
  /** The membership ended: forget the channel and everything in it. */
  dropChannel(id: string): void
  /** Whatever is kept of channels that are not among these is forgotten: the membership ended unheard. */
  keepChannels(ids: ReadonlySet<string>): void
  applyPerson(row: Partial<Person> & { id: string }): void
  applyWorkspace(row: Partial<Workspace> & { id: string }): void
  /** I am no longer in the open workspace. */
  leftWorkspace(id: string): void
  applyDraft(row: DraftRow): void
  messages(rows: Message[]): void
  /** Compares an open window with the channel's head and fetches what is missing. */
  compare(channel: Channel): void
  /** The server answers again after it did not: what waits for it need not wait longer. */
  reachable(): void
  status(status: SyncStatus): void
}

export type SyncStatus = {
  /** `loading` until the first answer; `missing` when there is no such workspace for me. */
  phase: 'loading' | 'ready' | 'missing' | 'failed'
  /** Whether changes arrive by themselves. */
  live: boolean
  /** Whether everything up to now is here: live, and asked for since. */
  inSync: boolean
  error: AppError | null
}
