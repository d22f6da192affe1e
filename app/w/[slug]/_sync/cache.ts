import type { Channel } from '@/features/channels/schema'
import { channels } from '@/features/channels/store'
import { type KeptWindow, keepWindow, updateKept } from '@/features/messages/kept-window'
import type { TimelineReads } from '@/features/messages/queries'
import type { Timelines } from '@/features/messages/timelines'
import type { Windows } from '@/features/messages/window-store'
import { people } from '@/features/profiles/store'
import { workspaces } from '@/features/workspaces/store'
import { whenIdle } from '@/lib/idle'
import { withLock } from '@/lib/locks'
import type { CacheDb } from './cache-db'
import { snapshot } from './picture'
import type { Bootstrap } from './ports'

/** Changes wait for each other this long, and then for a moment in which the browser has nothing to do. */
const WINDOWS_MS = 2_000
const PICTURE_MS = 10_000

type Options = {
  db: CacheDb | null
  me: string
  slug: string
  timelines: Timelines
  reads: TimelineReads
}

/**
 * What this browser remembers between visits: the sidebar, people, and the newest messages of the channels used most. It
 * is drawn first and compared with the server like any window that slept. Written when nothing else is to be done.
 */
export class Cache {
  private readonly options: Options
  private saved: Windows = {}
  private readonly usedAt = new Map<string, number>()
  private pictureStale = false
  private pictureSaved = false
  private readonly timers: Record<string, ReturnType<typeof setTimeout> | undefined> = {}
  private readonly unsubscribe: (() => void)[]
  private closed = false

  constructor(options: Options) {
    this.options = options
    const stale = () => {
      this.pictureStale = true
      this.plan('picture', this.pictureSaved ? PICTURE_MS : WINDOWS_MS, () => this.savePicture())
    }
    const hidden = () => document.visibilityState === 'hidden' && void this.flush()
    document.addEventListener('visibilitychange', hidden)
    this.unsubscribe = [
      options.timelines.store.subscribe(() => this.plan('windows', WINDOWS_MS, () => this.saveWindows())),
      channels.subscribe(stale),
      people.subscribe(stale),
      workspaces.subscribe(stale),
      () => document.removeEventListener('visibilitychange', hidden),
    ]
  }

  picture(): Promise<Bootstrap | undefined> {
    return this.read((db) => db.picture(this.options.slug))
  }

  window(channelId: string): Promise<KeptWindow | undefined> {
    this.usedAt.set(channelId, Date.now())
    return this.read((db) => db.window(channelId))
  }

  drop(channelId: string): void {
    void this.read((db) => db.removeChannels([channelId]))
  }

  /** The picture is fresh: what is kept and not open follows, so that deleted is gone here too. */
  async sync(data: Bootstrap): Promise<void> {
    await this.read(async (db) => {
      await db.keepWorkspaces(data.workspaces)
      const { workspace, channels: mine } = data
      if (workspace) await withLock(`${this.options.me}:cache`, () => this.follow(db, workspace.id, mine))
    })
  }

  /** Writes what has changed, now. */
  async flush(): Promise<void> {
    await Promise.all([this.saveWindows(), this.savePicture()])
  }

  close(): void {
    this.closed = true
    for (const timer of Object.values(this.timers)) clearTimeout(timer)
    for (const stop of this.unsubscribe) stop()
    this.options.db?.close()
  }

  private async follow(db: CacheDb, workspaceId: string, mine: readonly Channel[]): Promise<void> {
    const byId = new Map(mine.map((channel) => [channel.id, channel]))
    for (const cached of await db.channels()) {
      if (this.closed) return
      const head = byId.get(cached.id)?.head
      // The open ones are kept fresh by the sync loop, and written when they change.
      if (cached.workspaceId !== workspaceId || this.options.timelines.get(cached.id)) continue
      if (head?.last_rev === cached.cursor && head.min_rev <= cached.cursor) continue
      const kept = head && head.last_rev > cached.cursor ? await db.window(cached.id) : undefined
      const next = kept && updateKept(kept, await this.options.reads.channelChanges(cached.id, kept.cursor))
      if (next) await db.saveWindow(cached, next)
      else await db.removeChannels([cached.id])
    }
  }

  private async saveWindows(): Promise<void> {
    const windows = this.options.timelines.store.get()
    const changed = Object.entries(windows).filter(([id, window]) => this.saved[id] !== window)
    this.saved = windows
    for (const [id, window] of changed) {
      const channel = channels.get().byId[id]
      const kept = channel?.is_member ? keepWindow(window) : null
      if (!channel || !kept) continue
      const used = this.usedAt.get(id) ?? Date.now()
      await this.read((db) => db.saveWindow({ id, workspaceId: channel.workspace_id, usedAt: used }, kept))
    }
  }

  private async savePicture(): Promise<void> {
    const picture = this.pictureStale && snapshot(this.options.slug)
    if (!picture) return
    this.pictureStale = false
    this.pictureSaved = true
    await this.read((db) => db.savePicture(this.options.slug, picture))
  }

  /** Every tab would write the same: the ones that are looked at do, and each once more when it is hidden. */
  private plan(name: string, wait: number, work: () => Promise<void>): void {
    if (this.timers[name] || this.closed || document.visibilityState === 'hidden') return
    this.timers[name] = setTimeout(() => {
      const run = () => {
        this.timers[name] = undefined
        if (!this.closed) void work()
      }
      whenIdle(run, wait)
    }, wait)
  }

  /** A cache that cannot be used is no cache: nothing fails because of it. */
  private async read<T>(work: (db: CacheDb) => Promise<T>): Promise<T | undefined> {
    const { db } = this.options
    if (!db || this.closed) return undefined
    return work(db).catch(() => undefined)
  }
}
