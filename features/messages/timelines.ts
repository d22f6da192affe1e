import { isRetryable, toAppError } from '@/lib/errors'
import type { Store } from '@/lib/store'
import { groupByChannel, Hearing } from './hearing'
import { restoreWindow } from './kept-window'
import type { TimelinePorts } from './ports'
import { Postponed } from './postponed'
import type { PageAt } from './queries'
import { Recent } from './recent'
import type { ChannelHead, ChannelPage, Message } from './schema'
import { askForThreads } from './threads-behind'
import {
  applyChanges,
  applyHeard,
  applyLive,
  type ChannelWindow,
  EMPTY_WINDOW,
  edgeOf,
  extendThread,
  extendWindow,
  isBehind,
  mergeRows,
  openThreadWindow,
  openWindow,
  patchRow,
} from './window'
import { WindowStore, type Windows } from './window-store'

/** How long a hole may wait for the event that fills it before it is fetched. */
const GAP_MS = 80
/** The answer to an own send may overtake the events of others; those usually follow at once. */
const ACK_GAP_MS = 2_000
const KEEP_ROWS = 200
const KEEP_CHANNELS = 50

/** Loads and keeps the windows of all channels; every change of a timeline goes through here. */
export class Timelines {
  readonly store: Store<Windows>
  private readonly windows = new WindowStore()
  private readonly ports: TimelinePorts
  private readonly loads = new Map<string, Promise<void>>()
  private readonly hearing = new Hearing()
  private readonly epochs = new Map<string, number>()
  private readonly catching = new Map<string, Promise<void>>()
  private readonly later = new Postponed((channelId) => this.again(channelId))
  private readonly recent = new Recent(KEEP_CHANNELS)

  constructor(ports: TimelinePorts) {
    this.ports = ports
    this.store = this.windows.store
  }

  get(channelId: string): ChannelWindow | undefined {
    return this.windows.get(channelId)
  }

  /** Makes sure the channel has a window; one that is loaded stays, kept fresh by the sync loop. */
  open(channelId: string): Promise<void> {
    this.touch(channelId)
    const window = this.get(channelId)
    if (window?.loaded && window.isMember) return Promise.resolve()
    return this.loads.get(channelId) ?? this.restore(channelId)
  }

  /** Somebody is about to open it: what it shows is on its way already. What is on screen stays as it is. */
  prepare(channelId: string): void {
    if (this.get(channelId)) return
    for (const id of this.recent.expect(channelId)) this.drop(id)
    void this.restore(channelId)
  }

  /** A window around one place, for permalinks; nothing is loaded when the place is already here. */
  async openAround(channelId: string, seq: number): Promise<void> {
    this.touch(channelId)
    await this.loads.get(channelId)
    if (!this.get(channelId)?.rows.some((row) => row.seq === seq)) await this.load(channelId, { around: seq })
  }

  /** Back to the present: a fresh newest page unless it is loaded. */
  async jumpToLatest(channelId: string): Promise<void> {
    if (this.get(channelId)?.hasAfter) await this.load(channelId)
  }

  async loadMore(channelId: string, side: 'before' | 'after'): Promise<void> {
    const window = this.get(channelId)
    if (!window?.loaded || this.loads.has(channelId)) return
    const edge = edgeOf(window, side)
    if (!edge || !(side === 'before' ? window.hasBefore : window.hasAfter)) return
    const at = side === 'before' ? { before: edge } : { after: edge }
    await this.track(
      channelId,
      () => this.readPage(channelId, at),
      // Cut or replaced meanwhile: the page is not the one beside what is here now.
      (current, page) => (edgeOf(current, side) === edge ? extendWindow(current, page, side) : current),
    )
  }

  /** Loads the newest replies of a thread; rejects when that fails. */
  async openThread(channelId: string, rootId: string): Promise<void> {
    if (!this.get(channelId)) await this.open(channelId)
    await this.thread(channelId, rootId, undefined, openThreadWindow)
  }

  async loadThreadBefore(channelId: string, rootId: string): Promise<void> {
    const thread = this.get(channelId)?.threads[rootId]
    const first = thread?.rows[0]?.thread_seq
    if (thread?.hasBefore && first) await this.thread(channelId, rootId, first, extendThread)
  }

  /** Rows from the socket, or (`ack`) the answer to an own write. */
  receive(rows: readonly Message[], from: 'live' | 'ack' = 'live'): void {
    const changed: Record<string, ChannelWindow> = {}
    for (const [channelId, group] of groupByChannel(rows)) {
      this.hearing.hear(channelId, group)
      const window = this.get(channelId)
      if (window) changed[channelId] = applyLive(window, group)
    }
    this.windows.putAll(changed)
    for (const id of Object.keys(changed)) this.fillHole(id, from === 'ack' ? ACK_GAP_MS : GAP_MS)
  }

  /** The head of a channel as the database has it now: asks for what is missing. */
  compare(channelId: string, head: ChannelHead): Promise<void> {
    const window = this.get(channelId)
    if (!window) return Promise.resolve()
    // An answer on its way may have been made before the head was. One that never comes was lost with a line that broke, and
    // the server has answered since: no reason to wait for the next attempt.
    const asked = window.loading ? this.loads.get(channelId) : this.catching.get(channelId)
    if (asked) return asked.then(() => this.compare(channelId, head))
    this.later.worked(channelId)
    if (!window.loaded || !window.isMember) return this.load(channelId)
    // What is here is ahead of the server: that one was restored from a backup.
    if (head.last_rev < window.cursor && (window.restored || this.windows.isSettled(channelId))) {
      return this.refresh(channelId).catch(() => {})
    }
    return head.last_rev > window.cursor || head.min_rev > window.cursor
      ? this.catchUp(channelId)
      : Promise.resolve()
  }

  /** Fetches every change after the cursor; more than one page behind means a fresh window. */
  catchUp(channelId: string): Promise<void> {
    const running = this.catching.get(channelId)
    if (running) return running
    const work = this.fetchChanges(channelId)
      .then(() => this.later.worked(channelId))
      .catch(() => this.later.failed(channelId))
      .finally(() => {
        this.catching.delete(channelId)
        this.fillHole(channelId)
      })
    this.catching.set(channelId, work)
    return work
  }

  patch(channelId: string, id: string, patch: (row: Message) => Message, rev?: number): void {
    this.windows.change(channelId, (window) => patchRow(window, id, patch, rev))
  }

  /** Forgets a channel: the membership ended. */
  drop(channelId: string): void {
    this.later.cancel(channelId)
    // A page that is still on its way belongs to what was forgotten.
    this.epochs.set(channelId, this.epoch(channelId) + 1)
    this.loads.delete(channelId)
    this.windows.drop(channelId)
  }

  close(): void {
    this.later.close()
    this.windows.close()
  }

  private async fetchChanges(channelId: string): Promise<void> {
    const window = this.get(channelId)
    if (!window?.loaded) return
    if (!window.isMember) return this.freshThreads(channelId)
    const changes = await this.ports.reads.channelChanges(channelId, window.cursor)
    if (changes.has_more || changes.min_rev > window.cursor) return this.refresh(channelId)
    this.ports.people(changes.people)
    this.hearing.hear(channelId, changes.messages)
    this.windows.change(channelId, (current) =>
      // Not for a window that begins before what was asked for: it took the place of the one that asked.
      current.cursor < window.cursor ? current : applyChanges(current, changes.messages, changes.rev),
    )
    await this.freshThreads(channelId)
  }

  /** Draws what an earlier visit kept and asks for what changed since; without it, for a page. */
  private async restore(channelId: string): Promise<void> {
    this.windows.put(channelId, { ...EMPTY_WINDOW, loading: true })
    await this.track(
      channelId,
      () => this.ports.kept(channelId),
      (window, kept) => (kept ? restoreWindow(kept) : window),
    )
    const window = this.get(channelId)
    if (!window) return
    if (!window.loaded) return this.loads.get(channelId) ?? this.load(channelId)
    const head = this.ports.head(channelId)
    if (head) await this.compare(channelId, head)
  }

  /** A fresh window at the place the old one was, and fresh threads. */
  private async refresh(channelId: string): Promise<void> {
    const window = this.get(channelId)
    const middle = window?.hasAfter ? window.rows[window.rows.length >> 1]?.seq : undefined
    await this.load(channelId, middle ? { around: middle } : {})
    const failed = this.get(channelId)?.error
    if (failed) throw failed
    await this.freshThreads(channelId)
  }

  private freshThreads(channelId: string): Promise<void> {
    return askForThreads(this.windows, channelId, (rootId) => this.openThread(channelId, rootId))
  }

  /** A fresh window from a page, whatever was there. */
  load(channelId: string, at: PageAt = {}): Promise<void> {
    this.epochs.set(channelId, this.epoch(channelId) + 1)
    this.windows.put(channelId, { ...(this.get(channelId) ?? EMPTY_WINDOW), loading: true, error: null })
    return this.track(
      channelId,
      () => this.readPage(channelId, at),
      (current, page) => openWindow(page, current),
    )
  }

  /** Reads a page, puts it in place, and on top of it what was heard meanwhile. A newer load makes it void. */
  private track<P>(
    channelId: string,
    read: () => Promise<P>,
    place: (window: ChannelWindow, page: P) => ChannelWindow,
  ): Promise<void> {
    const epoch = this.epoch(channelId)
    const current = () => this.epoch(channelId) === epoch
    const run: Promise<void> = this.hearing
      .during(channelId, async (heard) => {
        const page = await read()
        if (!current()) return
        this.windows.change(channelId, (window) => applyHeard(place(window, page), heard))
        this.later.worked(channelId)
      })
      .catch((error: unknown) => {
        if (!current()) return
        const failed = toAppError(error)
        this.windows.change(channelId, (window) => ({ ...window, loading: false, error: failed }))
        if (isRetryable(failed)) this.later.failed(channelId)
      })
      .finally(() => {
        if (this.loads.get(channelId) === run) this.loads.delete(channelId)
        this.fillHole(channelId)
      })
    this.loads.set(channelId, run)
    return run
  }

  private async thread(
    channelId: string,
    rootId: string,
    before: number | undefined,
    place: typeof extendThread,
  ): Promise<void> {
    await this.hearing.during(channelId, async (heard) => {
      const page = await this.ports.reads.threadPage(rootId, before)
      this.ports.people(page.people)
      this.windows.change(channelId, (window) => mergeRows(place(window, page, before), heard))
    })
  }

  private async readPage(channelId: string, at: PageAt): Promise<ChannelPage> {
    const page = await this.ports.reads.channelPage(channelId, at)
    this.ports.people(page.people)
    this.ports.channel(page.channel)
    return page
  }

  private epoch(channelId: string): number {
    return this.epochs.get(channelId) ?? 0
  }

  /** Asks for what is missing, unless it comes by itself. */
  private fillHole(channelId: string, waitMs = GAP_MS): void {
    const window = this.get(channelId)
    if (window && isBehind(window)) this.later.plan(channelId, waitMs)
  }

  private again(channelId: string): void {
    const window = this.get(channelId)
    if (!window || window.loading) return
    if (!window.loaded) void this.load(channelId)
    else if (isBehind(window) || this.later.hasFailed(channelId)) void this.catchUp(channelId)
  }

  /** The channel is on screen now; the one before it shrinks, and the least recent of too many is let go. */
  private touch(channelId: string): void {
    const { previous, old } = this.recent.touch(channelId)
    if (previous && !this.windows.trim(previous, KEEP_ROWS)) this.drop(previous)
    for (const id of old) this.drop(id)
  }
}
