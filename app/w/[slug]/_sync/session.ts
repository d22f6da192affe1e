import type { Tray } from '@/features/attachments/tray'
import type { ChannelRead, ChannelRow } from '@/features/channels/schema'
import { applyChannel, applyRead, channels, clearChannels, removeChannel } from '@/features/channels/store'
import { Drafts } from '@/features/drafts/drafts'
import { saveDraft } from '@/features/drafts/mutations'
import { sendMessage } from '@/features/messages/mutations'
import { Outbox } from '@/features/messages/outbox'
import { openOutboxDb } from '@/features/messages/outbox-db'
import { timelineReads } from '@/features/messages/queries'
import type { Message } from '@/features/messages/schema'
import { Timelines } from '@/features/messages/timelines'
import type { Person } from '@/features/profiles/schema'
import { applyPeople, ensureProfiles } from '@/features/profiles/store'
import { applyWorkspace, removeWorkspace, workspaces } from '@/features/workspaces/store'
import { forgetOthers, onWipe } from '@/lib/local-data'
import { withLock } from '@/lib/locks'
import { SharedTopics } from '@/lib/realtime/shared-topics'
import { createStore, type Store } from '@/lib/store'
import { callFunction } from '@/lib/supabase/call'
import type { AppClient } from '@/lib/supabase/client'
import { createPictureQuestion } from './ask-picture'
import { Cache } from './cache'
import { openCacheDb } from './cache-db'
import { SyncEngine } from './engine'
import { fillStores } from './fill'
import { openTray } from './open-tray'
import type { Bootstrap, SyncStatus } from './ports'
import { openTabNews } from './tab-news'
import { createTypingTopics, type TypingTopics } from './typing-topics'
import { watchChanges } from './watch-changes'
import { mergePresence } from './watch-presence'
import { watchWindow } from './watch-window'

/** Everything that lives while a workspace is open. */
export type ChatSession = {
  client: AppClient
  me: string
  slug: string
  timelines: Timelines
  outbox: Outbox
  drafts: Drafts
  /** Files that wait to be sent. */
  tray: Tray
  engine: SyncEngine
  topics: SharedTopics
  typing: TypingTopics
  status: Store<SyncStatus>
  /** Hears every message of the workspace as it arrives: typing, announcements. */
  onMessages(listener: (rows: readonly Message[]) => void): () => void
  /** Notes how far a channel is read, here and in the other tabs of this browser. */
  applyRead(channelId: string, read: ChannelRead, mentionCount?: number): void
  stop(): void
}

let shared: { me: string; topics: SharedTopics } | null = null

/** The socket outlives the workspace: another one that is opened in this tab goes on with it. */
function sharedTopics(client: AppClient, me: string): SharedTopics {
  if (shared?.me !== me) {
    shared?.topics.stop()
    shared = { me, topics: new SharedTopics({ client, name: me, merge: mergePresence }) }
  }
  return shared.topics
}

/**
 * Opens a workspace: local things first, then the server's picture, then what changes. A channel that is named is opened
 * beside the picture, not behind it.
 */
export async function openSession(
  client: AppClient,
  me: string,
  slug: string,
  channelId?: string,
): Promise<ChatSession> {
  const listeners = new Set<(rows: readonly Message[]) => void>()
  const status = createStore<SyncStatus>({ phase: 'loading', live: false, inSync: false, error: null })
  const reads = timelineReads(client)
  const [outboxDb, cacheDb] = await Promise.all([openOutboxDb(me), openCacheDb(me)])
  const timelines: Timelines = new Timelines({
    reads,
    kept: (channelId) => cache.window(channelId),
    head: (channelId) => channels.get().byId[channelId]?.head,
    people: (rows) => onPicture(() => applyPeople(rows as Person[])),
    channel: (row) => onPicture(() => applyChannel(row as unknown as ChannelRow)),
  })
  // A page that overtakes the first picture adds to it.
  let early: (() => void)[] | null = []
  const onPicture = (apply: () => void) => {
    if (early) early.push(apply)
    else apply()
  }
  const cache = new Cache({ db: cacheDb, me, slug, timelines, reads })
  const drafts = new Drafts({
    userId: me,
    storage: localStorage,
    save: (channelId, threadId, body) => saveDraft(client, me, channelId, threadId, body),
  })
  const { tray, closeTray } = openTray(client, me)
  const keepWiped = onWipe(() => drafts.close())
  void forgetOthers(me)
  const draftsHeard = ({ key, newValue }: StorageEvent) => drafts.heard(key, newValue)
  window.addEventListener('storage', draftsHeard)
  const topics = sharedTopics(client, me)
  const typing = createTypingTopics(topics, me)
  const tabs = openTabNews(me, (news) => {
    if (news.kind === 'read') return applyRead(news.channelId, news.read, news.mentionCount)
    if (news.row) timelines.receive([news.row], 'ack')
    void outbox.heard()
  })
  const outbox = new Outbox({
    db: outboxDb,
    send: (message) => sendMessage(client, me, message),
    sent: (row) => timelines.receive([row], 'ack'),
    lock: (name, work) => withLock(`${me}:${name}`, work),
    announce: (row) => tabs.tell({ kind: 'outbox', row: row ?? null }),
  })
  const forget = (id: string) => {
    typing.close(id)
    timelines.drop(id)
    cache.drop(id)
    removeChannel(id)
  }
  const engine = new SyncEngine({
    me,
    bootstrap: createPictureQuestion(slug, (args) => callFunction<Bootstrap>(client, 'bootstrap', args)),
    kept: () => cache.picture(),
    fill(data, from) {
      fillStores(data, from === 'server' ? drafts : null)
      for (const apply of early ?? []) apply()
      early = null
      if (from === 'cache') return
      changes.use(data.realtime ?? 'postgres_changes')
      void outbox.wake()
      void cache.sync(data)
    },
    channel: (id) => channels.get().byId[id],
    applyChannel,
    dropChannel: forget,
    keepChannels(ids) {
      const { list, currentId } = workspaces.get()
      // Everybody else may look at a public channel that they are not in.
      const guest = list.some(({ id, role }) => id === currentId && role === 'guest')
      for (const [id, window] of Object.entries(timelines.store.get())) {
        if (window.loaded && (window.isMember || guest) && !ids.has(id)) forget(id)
      }
    },
    applyPerson: (row) => applyPeople([row]),
    applyWorkspace,
    leftWorkspace: removeWorkspace,
    applyDraft: (row) => drafts.applyRemote(row),
    messages(rows) {
      timelines.receive(rows)
      ensureProfiles([...new Set(rows.flatMap((row) => [row.user_id ?? [], row.mentions].flat()))])
      for (const row of rows) if (row.user_id) typing.arrived(row.channel_id, row.user_id, row.thread_id)
      for (const listener of listeners) listener(rows)
    },
    compare: (channel) => void timelines.compare(channel.id, channel.head),
    reachable: () => topics.probe(),
    status: (next) => status.set(next),
  })
  const stopWindow = watchWindow(engine, outbox, topics)
  const visited = () => new Set(Object.keys(timelines.store.get()))
  const changes = watchChanges({ topics, me, engine, visited })
  if (channelId) void timelines.open(channelId)
  engine.start()
  void outbox.start()
  return {
    client,
    me,
    slug,
    timelines,
    outbox,
    drafts,
    tray,
    engine,
    topics,
    typing,
    status,
    onMessages(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    applyRead(channelId, read, mentionCount) {
      applyRead(channelId, read, mentionCount)
      tabs.tell({ kind: 'read', channelId, read, mentionCount })
    },
    stop() {
      stopWindow()
      window.removeEventListener('storage', draftsHeard)
      changes.close()
      engine.stop()
      typing.stop()
      cache.close()
      outbox.close()
      keepWiped()
      closeTray()
      drafts.close()
      timelines.close()
      tabs.close()
      clearChannels()
    },
  }
}
