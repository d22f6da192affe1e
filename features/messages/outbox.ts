import { v7 as uuidv7 } from 'uuid'
import { type AppError, isRetryable, toAppError } from '@/lib/errors'
import { createStore, type Store } from '@/lib/store'
import type { NewMessage } from './mutations'
import type { OutboxDb, OutboxEntry } from './outbox-db'
import type { Message } from './schema'

export type OutboxPorts = {
  db: OutboxDb
  send(message: NewMessage): Promise<Message>
  /** The row is stored: it replaces the entry on the screen. */
  sent(row: Message): void
  /** One sender at a time per name, over all tabs. */
  lock(name: string, work: () => Promise<void>): Promise<void>
  /** Tells the other tabs that the outbox changed, with the row when something was sent. */
  announce(row?: Message): void
  now?(): number
  random?(): number
}

const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 30_000
/** Nobody waits longer, whatever a server asks for: what seems to has a clock that was set back. */
const LONGEST_WAIT_MS = 600_000

/**
 * Messages on their way: drawn at once, kept in IndexedDB until the server has them, sent in order per channel. What may
 * pass (no network, 429, 503) is tried again; what the server refuses stays with the reason until the person decides.
 */
export class Outbox {
  readonly store: Store<readonly OutboxEntry[]> = createStore<readonly OutboxEntry[]>([])
  private readonly ports: OutboxPorts
  private readonly running = new Map<string, { again: boolean }>()
  /** Shown, but not in the database, or not yet; and sent or given up, but perhaps still in it. */
  private readonly writing = new Set<string>()
  private readonly gone = new Set<string>()
  private timer: ReturnType<typeof setTimeout> | undefined
  private closed = false

  constructor(ports: OutboxPorts) {
    this.ports = ports
  }

  /** Takes up what an earlier visit left, and starts sending. */
  async start(): Promise<void> {
    await this.reload()
    await this.wake()
  }

  /** Queues a message and returns it; drawn before anything else happens. */
  add(message: Omit<NewMessage, 'id'>): OutboxEntry {
    const entry: OutboxEntry = {
      ...message,
      id: uuidv7(),
      state: 'pending',
      created_at: new Date(this.now()).toISOString(),
      attempts: 0,
      retry_at: 0,
      error: null,
    }
    void this.save(entry).then(() => this.drain(entry.channel_id))
    return entry
  }

  async retry(id: string): Promise<void> {
    const entry = this.find(id)
    if (!entry) return
    // An id that belongs to somebody else never works: the message gets a new one.
    const next = { ...entry, id: entry.error?.code === 'message_id_taken' ? uuidv7() : entry.id }
    if (next.id !== id) await this.remove(id)
    await this.save({ ...next, state: 'pending', attempts: 0, retry_at: 0, error: null })
    await this.drain(entry.channel_id)
  }

  async remove(id: string): Promise<void> {
    this.hide(id)
    await attempt(this.ports.db.remove(id))
    this.ports.announce()
  }

  /** The connection is back: what waited for the network goes now. */
  async wake(): Promise<void> {
    const offline = this.pending().filter((entry) => entry.error?.status === 0 && entry.retry_at)
    await Promise.all(offline.map((entry) => this.save({ ...entry, retry_at: 0 })))
    this.drainDue()
  }

  /** Another tab changed the outbox; what it leaves undone is taken over when it is due. */
  async heard(): Promise<void> {
    await this.reload()
    this.schedule()
  }

  close(): void {
    this.closed = true
    clearTimeout(this.timer)
    this.ports.db.close()
  }

  private async drain(channelId: string): Promise<void> {
    const busy = this.running.get(channelId)
    if (busy) {
      busy.again = true
      return
    }
    const run = { again: false }
    this.running.set(channelId, run)
    try {
      do {
        run.again = false
        await this.ports.lock(`outbox:${channelId}`, () => this.sendAll(channelId))
      } while (run.again && !this.closed)
    } finally {
      this.running.delete(channelId)
      this.schedule()
    }
  }

  private async sendAll(channelId: string): Promise<void> {
    // Read under the lock: another tab may have sent some of them meanwhile.
    await this.reload()
    for (const entry of this.pending()) {
      if (entry.channel_id !== channelId || this.closed) continue
      if (this.left(entry) > 0) return
      if (!(await this.sendOne(entry))) return
    }
  }

  /** False when the channel has to wait. */
  private async sendOne(entry: OutboxEntry): Promise<boolean> {
    const { id, channel_id, thread_id, body, attachments } = entry
    try {
      const row = await this.ports.send({ id, channel_id, thread_id, body, attachments })
      this.ports.sent(row)
      this.hide(id)
      await attempt(this.ports.db.remove(id))
      this.ports.announce(row)
      return true
    } catch (reason) {
      // Another tab took it back meanwhile.
      if (!this.find(id)) return true
      const error = toAppError(reason)
      const wait = isRetryable(error) || error.status === 401
      await this.save(wait ? this.postponed(entry, error) : { ...entry, state: 'failed', error })
      return !wait
    }
  }

  private postponed(entry: OutboxEntry, error: AppError): OutboxEntry {
    const backoff = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** entry.attempts)
    const jittered = backoff * (0.5 + (this.ports.random ?? Math.random)() / 2)
    const wait = Math.min(LONGEST_WAIT_MS, Math.max(jittered, (error.retryAfter ?? 0) * 1000))
    return { ...entry, attempts: entry.attempts + 1, retry_at: this.now() + wait, error }
  }

  private schedule(): void {
    clearTimeout(this.timer)
    const waiting = this.pending().filter((entry) => !this.running.has(entry.channel_id))
    if (this.closed || !waiting.length) return
    const next = Math.min(...waiting.map((entry) => this.left(entry)))
    this.timer = setTimeout(() => this.drainDue(), Math.max(50, next))
  }

  /** Milliseconds until the next attempt. */
  private left({ retry_at }: OutboxEntry): number {
    const left = retry_at - this.now()
    return left > LONGEST_WAIT_MS ? 0 : left
  }

  private drainDue(): void {
    const due = this.pending().filter((entry) => this.left(entry) <= 0)
    for (const channelId of new Set(due.map((entry) => entry.channel_id))) void this.drain(channelId)
    // A timer fires up to a millisecond before its time, as it drops the fraction, and clocks are set back.
    this.schedule()
  }

  private async reload(): Promise<void> {
    const all = await attempt(this.ports.db.all())
    if (!all) return
    const stored = all.filter((entry) => !this.gone.has(entry.id))
    const ids = new Set(stored.map((entry) => entry.id))
    const unwritten = this.store.get().filter((entry) => this.writing.has(entry.id) && !ids.has(entry.id))
    const entries = [...stored, ...unwritten]
    if (!this.closed) this.store.set(entries.sort((a, b) => (a.id < b.id ? -1 : 1)))
  }

  private async save(entry: OutboxEntry): Promise<void> {
    if (this.closed || this.gone.has(entry.id)) return
    this.store.set((entries) =>
      entries.some((other) => other.id === entry.id)
        ? entries.map((other) => (other.id === entry.id ? entry : other))
        : [...entries, entry],
    )
    this.writing.add(entry.id)
    if (await attempt(this.ports.db.put(entry).then(() => true))) this.writing.delete(entry.id)
    this.ports.announce()
  }

  private hide(id: string): void {
    this.gone.add(id)
    this.store.set((entries) => entries.filter((entry) => entry.id !== id))
  }

  private pending(): OutboxEntry[] {
    return this.store.get().filter((entry) => entry.state === 'pending')
  }

  private find(id: string): OutboxEntry | undefined {
    return this.store.get().find((entry) => entry.id === id)
  }

  private now(): number {
    return (this.ports.now ?? Date.now)()
  }
}

/** What the database does; nothing where it is full or was closed: a message is sent all the same. */
const attempt = <T>(work: Promise<T>): Promise<T | undefined> => work.catch(() => undefined)
