import type { Message } from '@/features/messages/schema'
import { type AppError, isRetryable, toAppError } from '@/lib/errors'
import { jittered } from '@/lib/realtime/backoff'
import { applyAgain, applyChange, applyHeads, type Followup } from './apply-change'
import type { Bootstrap, Change, SyncPorts, SyncStatus } from './ports'

/** Hidden for longer than this, a tab no longer trusts that it heard everything. */
const STALE_MS = 60_000
/** Asked again from time to time even when all seems well: the last event of all could be the lost one. */
const CALM_MS = 5 * 60_000
/** While nothing arrives by itself (a proxy that blocks sockets), the app still works by asking. */
const POLL_MS = 10_000
/**
 * A picture that may be wrong is asked for soon, by those who heard the same at different moments, and not more often
 * than twice a second.
 */
const SOON_MS = 200
const SOON_GAP_MS = 500
/** What is not of this workspace is not on the screen. */
const LATER_MS = 1_000
const RETRY_MS = [1_000, 2_000, 5_000, 10_000, 20_000]

/**
 * Bootstrap → subscribe → catch up → live. Events are hints: after every (re)connection, wake-up and doubt the picture is
 * asked for again, and each loaded window compares itself with its channel's head.
 */
export class SyncEngine {
  private readonly ports: SyncPorts
  private status: SyncStatus = { phase: 'loading', live: false, inSync: false, error: null }
  private running: Promise<void> | null = null
  private again = false
  private attempts = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private timerAt = Number.POSITIVE_INFINITY
  private askedAt = Number.NEGATIVE_INFINITY
  private rows: Message[] = []
  /** What was heard while a picture is on its way, which may be older. */
  private heard: Change[] = []
  private hiddenSince: number | null = null
  private stopped = false
  /** Ends when what was kept is drawn, or there is nothing. */
  private restoring: Promise<void> = Promise.resolve()

  constructor(ports: SyncPorts) {
    this.ports = ports
  }

  /** Whether a picture has arrived since everything is heard. */
  get inSync(): boolean {
    return this.status.inSync
  }

  /** Draws what an earlier visit kept, and asks for the picture of now. */
  start(): void {
    this.restoring = this.ports.kept().then((kept) => {
      if (!kept || this.stopped || this.status.phase !== 'loading') return
      this.ports.fill(kept, 'cache')
      this.set({ phase: 'ready' })
    })
    void this.refresh()
  }

  /** Asks for the whole picture; asked again while one is on its way, it is asked once more after it. */
  refresh(): Promise<void> {
    if (this.running) {
      this.again = true
      return this.running
    }
    this.running = this.run().finally(() => {
      this.running = null
      if (this.again && !this.stopped) {
        this.again = false
        void this.refresh()
      }
    })
    return this.running
  }

  /** The subscription stands (again): whatever happened before is asked for. */
  connected(): void {
    this.set({ live: true })
    void this.refresh()
  }

  disconnected(): void {
    this.set({ live: false, inSync: false })
    this.plan(jittered(POLL_MS))
  }

  /** The network is back, or somebody wants to know: what failed before says nothing of now. */
  online(): void {
    const { error } = this.status
    if (error && isRetryable(error)) this.set({ error: null })
    void this.refresh()
  }

  /** Something may have been missed: the picture is asked for soon. */
  doubt(): void {
    const next = this.askedAt + SOON_GAP_MS - Date.now()
    this.plan(Math.max(jittered(SOON_MS), next))
  }

  /** True when the window was hidden for so long that what was heard meanwhile is not trusted. */
  visibility(visible: boolean): boolean {
    if (!visible) {
      this.hiddenSince = Date.now()
      return false
    }
    const stale = this.hiddenSince !== null && Date.now() - this.hiddenSince > STALE_MS
    this.hiddenSince = null
    if (stale) void this.refresh()
    return stale
  }

  /** A change from the socket. Messages of one tick are applied together. */
  receive(change: Change): void {
    if (this.stopped) return
    if (change.table !== 'messages') {
      if (this.running) this.heard.push(change)
      this.follow(applyChange(change, this.ports))
    } else if (change.type !== 'DELETE') this.collect(change.row as unknown as Message)
  }

  private collect(row: Message): void {
    if (this.rows.push(row) === 1) queueMicrotask(() => this.flush())
  }

  stop(): void {
    this.stopped = true
    clearTimeout(this.timer)
  }

  private flush(): void {
    const rows = this.rows
    this.rows = []
    if (this.stopped) return
    this.ports.messages(rows)
    this.follow(applyHeads(rows, this.ports))
  }

  private async run(): Promise<void> {
    this.askedAt = Date.now()
    this.heard = []
    // What was planned until now is done by this; what is planned from now on comes after it.
    clearTimeout(this.timer)
    this.timerAt = Number.POSITIVE_INFINITY
    try {
      const data = await this.ports.bootstrap()
      if (this.stopped) return
      if (this.attempts > 0) this.ports.reachable()
      this.attempts = 0
      this.take(data)
    } catch (reason) {
      // An app that has something to show does not say first that it has nothing.
      await this.restoring
      if (!this.stopped) this.failed(toAppError(reason))
    }
  }

  private take(data: Bootstrap): void {
    this.ports.fill(data, 'server')
    for (const change of this.heard) applyAgain(change, this.ports)
    this.ports.keepChannels(new Set(data.channels.map((channel) => channel.id)))
    this.set({ phase: data.workspace ? 'ready' : 'missing', error: null, inSync: this.status.live })
    for (const channel of data.channels) this.ports.compare(channel)
    this.plan(jittered(this.status.live ? CALM_MS : POLL_MS))
  }

  private failed(error: AppError): void {
    // What is on the screen stays there; only an app that shows nothing yet says that it failed.
    const phase = this.status.phase === 'ready' ? 'ready' : 'failed'
    this.set({ phase, error })
    if (!isRetryable(error)) return
    const wait = jittered(RETRY_MS[Math.min(this.attempts++, RETRY_MS.length - 1)] ?? POLL_MS)
    this.plan(Math.max(wait, (error.retryAfter ?? 0) * 1000), true)
  }

  private follow(followup: Followup): void {
    if (followup === 'refresh') void this.refresh()
    else if (followup === 'refresh-soon') this.doubt()
    else if (followup) this.plan(LATER_MS)
  }

  /** The next refresh, at the latest after `wait`; `fresh` forgets an earlier plan. */
  private plan(wait: number, fresh = false): void {
    const at = Date.now() + wait
    if (this.stopped || (!fresh && this.timerAt <= at)) return
    clearTimeout(this.timer)
    this.timerAt = at
    this.timer = setTimeout(() => {
      this.timerAt = Number.POSITIVE_INFINITY
      void this.refresh()
    }, wait)
  }

  private set(change: Partial<SyncStatus>): void {
    this.status = { ...this.status, ...change }
    this.ports.status(this.status)
  }
}
