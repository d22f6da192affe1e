import { createStore, type Store } from '@/lib/store'

export type TypingEvent = { user_id: string; thread_id: string | null }
type Typist = TypingEvent & { until: number }

const SEND_EVERY_MS = 1_000
const EXPIRES_MS = 5_000

/** Who is typing in the open channel. Events are at most one a second each way and fade after five. */
export class Typing {
  readonly store: Store<readonly Typist[]> = createStore<readonly Typist[]>([])
  private readonly me: string
  private readonly send: (event: TypingEvent) => void
  private lastSent = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(me: string, send: (event: TypingEvent) => void) {
    this.me = me
    this.send = send
  }

  /** The person changed the text. */
  typed(threadId: string | null): void {
    if (Date.now() - this.lastSent < SEND_EVERY_MS) return
    this.lastSent = Date.now()
    this.send({ user_id: this.me, thread_id: threadId })
  }

  receive(event: TypingEvent): void {
    if (event.user_id === this.me || typeof event.user_id !== 'string') return
    const until = Date.now() + EXPIRES_MS
    this.store.set((all) => [...all.filter((typist) => !same(typist, event)), { ...event, until }])
    this.expire()
  }

  /** Their message is here, so they are done. */
  arrived(userId: string, threadId: string | null): void {
    const event = { user_id: userId, thread_id: threadId }
    if (this.store.get().some((typist) => same(typist, event)))
      this.store.set((all) => all.filter((typist) => !same(typist, event)))
  }

  close(): void {
    clearTimeout(this.timer)
    this.store.set([])
  }

  private expire(): void {
    clearTimeout(this.timer)
    const now = Date.now()
    const left = this.store.get().filter((typist) => typist.until > now)
    if (left.length !== this.store.get().length) this.store.set(left)
    const next = Math.min(...left.map((typist) => typist.until))
    if (left.length) this.timer = setTimeout(() => this.expire(), next - now)
  }
}

const same = (a: TypingEvent, b: TypingEvent) =>
  a.user_id === b.user_id && (a.thread_id ?? null) === (b.thread_id ?? null)
