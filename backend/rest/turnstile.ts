import { unavailable } from './errors'

export type TurnstileOptions = {
  /** Jobs that compute at once: more only take the processors' caches from each other. */
  working: number
  /** Jobs under way at once, with those that wait for something. */
  all: number
  /** Jobs that may wait for their turn; one more is refused. */
  maxWaiting: number
  waitMilliseconds: number
}

/** A job that takes longer waits for a lock or reads much: it lets another one in, so that nobody is held up by it. */
const LONG_MS = 50

/** Lets jobs in, in the order in which they came. */
export class Turnstile {
  private readonly options: TurnstileOptions
  private working = 0
  private all = 0
  private readonly waiting = new Set<() => void>()

  constructor(options: TurnstileOptions) {
    this.options = options
  }

  /** Resolves once the job may begin, with what it calls when it is done; rejects with 503 where it would wait too long. */
  async enter(): Promise<() => void> {
    if (this.hasRoom()) return this.begin()
    const { maxWaiting, waitMilliseconds } = this.options
    if (this.waiting.size >= maxWaiting)
      throw unavailable('PGRST003', 'Too many requests are waiting for the database. Try again shortly.')
    return new Promise((resolve, reject) => {
      const begin = () => {
        clearTimeout(timer)
        resolve(this.begin())
      }
      const timer = setTimeout(() => {
        this.waiting.delete(begin)
        reject(unavailable('PGRST003', 'Timed out acquiring connection from connection pool.'))
      }, waitMilliseconds)
      this.waiting.add(begin)
    })
  }

  private begin(): () => void {
    this.all += 1
    this.working += 1
    let works = true
    const pause = () => {
      if (!works) return
      works = false
      this.working -= 1
    }
    const timer = setTimeout(() => {
      pause()
      this.admit()
    }, LONG_MS)
    return () => {
      clearTimeout(timer)
      pause()
      this.all -= 1
      this.admit()
    }
  }

  private admit(): void {
    for (const begin of this.waiting) {
      if (!this.hasRoom()) return
      this.waiting.delete(begin)
      begin()
    }
  }

  private hasRoom(): boolean {
    return this.working < this.options.working && this.all < this.options.all
  }
}
