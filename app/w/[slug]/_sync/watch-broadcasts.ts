import { channels } from '@/features/channels/store'
import { workspaces } from '@/features/workspaces/store'
import type { SharedTopic, SharedTopics } from '@/lib/realtime/shared-topics'
import type { News } from '@/lib/realtime/tab-messages'
import type { SyncEngine } from './engine'
import { pickTopics } from './pick-topics'
import type { Change } from './ports'

/** What is not listened to is asked for: channels beyond the limit, and what is unread in other workspaces. */
const UNHEARD_MS = 30_000

type Options = {
  topics: SharedTopics
  me: string
  engine: SyncEngine
  visited(): ReadonlySet<string>
}
type Heard = { topic: SharedTopic; up: boolean; before: boolean }

/**
 * Hears of changes on the private topics that triggers of the database send them to, one for each channel. Broadcasts may
 * get lost and overtake each other: a hole in a channel's numbers makes the engine ask.
 */
export function watchBroadcasts({ topics, me, engine, visited }: Options) {
  const heard = new Map<string, Heard>()
  const revs = new Map<string, number>()
  let live = false
  let closed = false
  let unheard = false

  function settle(): void {
    if (closed) return
    const picked = pickTopics({
      me,
      workspaces: workspaces.get().list,
      channels: Object.values(channels.get().byId),
      visited: visited(),
      open: new Set(heard.keys()),
    })
    unheard = picked.unheard
    const wanted = new Set(picked.topics)
    for (const [name, { topic }] of heard) {
      if (wanted.has(name)) continue
      heard.delete(name)
      topic.close()
    }
    for (const name of wanted) if (!heard.has(name)) listen(name)
    judge()
  }

  function listen(name: string): void {
    const entry = { up: false, before: false } as Heard
    heard.set(name, entry)
    entry.topic = topics.open({ topic: name, private: true, broadcast: 'change' }, (news) => {
      if (!closed && heard.get(name) === entry) hear(entry, news)
    })
  }

  function hear(entry: Heard, news: News): void {
    if (news.kind === 'broadcast') take(news.payload as Told)
    else if (news.kind === 'up') {
      entry.up = true
      entry.before = true
      // One more channel while all else is heard: what was said in it before is asked for.
      if (live) void engine.refresh()
      else judge()
    } else if (news.kind === 'down') {
      entry.up = false
      if (live && entry.before) {
        live = false
        engine.disconnected()
      }
    }
  }

  /** Live once everything that is wanted is heard; a channel that was just joined does not end that. */
  function judge(): void {
    if (live || heard.size === 0 || ![...heard.values()].every(({ up }) => up)) return
    live = true
    revs.clear()
    engine.connected()
  }

  function take({ table, type, record }: Told): void {
    if (table === 'realtime_transport') return void engine.refresh()
    if (table === 'messages') {
      const { channel_id, rev } = record as { channel_id: string; rev: number }
      // The first one is compared with the picture, once there is one from after all topics were joined.
      const known = engine.inSync ? channels.get().byId[channel_id]?.head.last_rev : undefined
      const last = revs.get(channel_id) ?? known
      if (last === undefined || rev > last) revs.set(channel_id, rev)
      if (last !== undefined && rev > last + 1) engine.doubt()
    }
    engine.receive({ table, type, row: record })
  }

  const stop = [channels.subscribe(settle), workspaces.subscribe(settle)]
  const timer = setInterval(() => unheard && live && engine.doubt(), UNHEARD_MS)
  settle()
  return {
    close(): void {
      closed = true
      clearInterval(timer)
      for (const end of stop) end()
      for (const { topic } of heard.values()) topic.close()
      heard.clear()
    },
  }
}

/** What `private.tell` of the database sends. */
type Told = { table: string; type: Change['type']; record: Record<string, unknown> }
