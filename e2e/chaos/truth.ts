import type postgres from 'postgres'
import type { Channel } from '@/features/channels/schema'
import type { Message } from '@/features/messages/schema'
import type { Member } from '../crowd'

/** What the database holds, around every policy, at a moment in which nobody writes. */
export type Truth = {
  /** Grows with every change of a message. */
  revision: number
  /** Of each channel: roots by place, and everything by id. */
  timelines: Map<string, Message[]>
  messages: Map<string, Message>
  /** Replies by place, of each root. */
  threads: Map<string, Message[]>
  names: Map<string, string>
  /** What the app starts with, of each person: their channels with heads, reads and mention counts. */
  channelsOf: Map<string, Channel[]>
}

export async function readTruth(
  sql: postgres.Sql,
  slug: string,
  channelIds: string[],
  people: Member[],
): Promise<Truth> {
  const rows = await sql<{ row: Message }[]>`
    select to_jsonb(m) as row from public.messages m
    where channel_id = any (${channelIds}) order by channel_id, seq, thread_seq`
  const profiles = await sql<{ id: string; display_name: string }[]>`
    select id, display_name from public.profiles where id = any (${people.map(({ userId }) => userId)})`
  const [heads] = await sql<{ revision: number }[]>`
    select coalesce(sum(last_rev), 0)::int as revision from public.channel_heads
    where channel_id = any (${channelIds})`
  const truth: Truth = {
    revision: heads?.revision ?? 0,
    timelines: new Map(channelIds.map((id) => [id, []])),
    messages: new Map(rows.map(({ row }) => [row.id, row])),
    threads: new Map(),
    names: new Map(profiles.map(({ id, display_name }) => [id, display_name])),
    channelsOf: new Map(),
  }
  for (const { row } of rows) {
    if (!row.thread_id) truth.timelines.get(row.channel_id)?.push(row)
    else truth.threads.set(row.thread_id, [...(truth.threads.get(row.thread_id) ?? []), row])
  }
  for (const { userId } of people) {
    const channels = await sql.begin(async (tx) => {
      const claims = JSON.stringify({ sub: userId, role: 'authenticated' })
      await tx`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${claims}, true)`
      const [answer] = await tx`select public.bootstrap(${slug}) -> 'channels' as channels`
      return answer?.channels as Channel[]
    })
    truth.channelsOf.set(userId, channels)
  }
  return truth
}

/** Places without holes, times of nothing: what must be true of the rows by themselves. */
export function disorder(truth: Truth): string[] {
  const found: string[] = []
  const dense = (rows: Message[], what: string, place: (row: Message) => number | null) => {
    rows.forEach((row, index) => {
      const before = rows[index - 1]
      if (before && place(row) !== (place(before) ?? 0) + 1)
        found.push(`${what}: a hole before ${place(row)}`)
    })
  }
  for (const [id, rows] of truth.timelines) dense(rows, `channel ${id}`, (row) => row.seq)
  for (const [id, rows] of truth.threads) {
    dense(rows, `thread ${id}`, (row) => row.thread_seq)
    const count = rows.filter((row) => !row.deleted_at).length
    const root = truth.messages.get(id)
    if (root?.reply_count !== count)
      found.push(`thread ${id}: ${count} replies, counted ${root?.reply_count}`)
  }
  return found
}

/** Whether two values hold the same, also when they were made in different contexts. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
}
