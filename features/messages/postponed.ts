import { jittered } from '@/lib/realtime/backoff'

const RETRY_MS = [1_000, 2_000, 5_000, 10_000, 30_000]

/** What a channel does later: one timer for each, and longer and longer waits after failures. */
export class Postponed {
  private readonly work: (channelId: string) => void
  private readonly timers = new Map<string, { at: number; timer: ReturnType<typeof setTimeout> }>()
  private readonly failures = new Map<string, number>()
  private closed = false

  constructor(work: (channelId: string) => void) {
    this.work = work
  }

  /** Of what is planned the earliest stays; after a failure nothing comes before the next attempt. */
  plan(channelId: string, delayMs: number): void {
    const planned = this.timers.get(channelId)
    const at = Date.now() + delayMs
    if (this.closed || (planned && (planned.at <= at || this.hasFailed(channelId)))) return
    clearTimeout(planned?.timer)
    const fire = () => {
      this.timers.delete(channelId)
      this.work(channelId)
    }
    this.timers.set(channelId, { at, timer: setTimeout(fire, delayMs) })
  }

  failed(channelId: string): void {
    const count = this.failures.get(channelId) ?? 0
    // What was planned before it failed does not come before the next attempt; an attempt that is planned stays.
    if (count === 0) this.cancel(channelId)
    this.failures.set(channelId, count + 1)
    this.plan(channelId, jittered(RETRY_MS[Math.min(count, RETRY_MS.length - 1)] ?? 30_000))
  }

  /** The next attempt is not needed, and nothing else has to wait for its time. */
  worked(channelId: string): void {
    if (this.failures.delete(channelId)) this.cancel(channelId)
  }

  /** Whether the last attempt failed, and comes again. */
  hasFailed(channelId: string): boolean {
    return this.failures.has(channelId)
  }

  cancel(channelId: string): void {
    clearTimeout(this.timers.get(channelId)?.timer)
    this.timers.delete(channelId)
  }

  close(): void {
    this.closed = true
    for (const { timer } of this.timers.values()) clearTimeout(timer)
  }
}
