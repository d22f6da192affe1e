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

type Waiting = { begin(): void; refuse(error: Error): void }

/** A job that takes longer waits for a lock or reads much: it lets another one in, so that nobody is held up by it. */
const LONG_MS = 50

/** Of the places there are, one in so many is for others than the one who has most. */
const KEPT_FREE = 5

/**
 * Lets jobs in. Those who ask take turns, each with their jobs in the order in which they came, and who waits for the
 * most is refused first: nobody keeps others out by asking for much.
 */
export class Turnstile {
  private readonly options: TurnstileOptions
  /** How many jobs one asker may have under way. */
  private readonly share: number
  private working = 0
  private all = 0
  private waiting = 0
  /** Jobs under way, by who asked. */
  private readonly inside = new Map<string, number>()
  /** By who asks, in the order in which their turns come. */
  private readonly lines = new Map<string, Set<Waiting>>()

  constructor(options: TurnstileOptions) {
    this.options = options
    this.share = options.all - Math.floor(options.all / KEPT_FREE)
  }

  /** Resolves once the job may begin, with what it calls when it is done; rejects with 503 where it would wait too long. */
  async enter(by = ''): Promise<() => void> {
    if (this.hasRoom && this.isWithinShare(by)) return this.begin(by)
    const line = this.lines.get(by) ?? new Set()
    if (this.waiting >= this.options.maxWaiting && !this.makeRoom(line.size)) throw tooMany()
    return new Promise((resolve, reject) => {
      const leaveLine = () => {
        clearTimeout(timer)
        line.delete(job)
        this.waiting -= 1
        if (line.size === 0) this.lines.delete(by)
      }
      const job = {
        begin: () => {
          leaveLine()
          // Whoever asked for more has their next turn after everybody else's.
          if (this.lines.delete(by)) this.lines.set(by, line)
          resolve(this.begin(by))
        },
        refuse: (error: Error) => {
          leaveLine()
          reject(error)
        },
      }
      const timer = setTimeout(() => job.refuse(tooLong()), this.options.waitMilliseconds)
      line.add(job)
      this.lines.set(by, line)
      this.waiting += 1
    })
  }

  private begin(by: string): () => void {
    this.all += 1
    this.working += 1
    this.count(by, 1)
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
      this.count(by, -1)
      this.admit()
    }
  }

  private admit(): void {
    for (const [by, [first]] of this.lines) {
      if (!this.hasRoom) return
      if (this.isWithinShare(by)) first?.begin()
    }
  }

  /** Refuses the last of whoever waits for the most, for somebody who waits for so many; false: that is nobody else. */
  private makeRoom(own: number): boolean {
    let longest = new Set<Waiting>()
    for (const line of this.lines.values()) if (line.size > longest.size) longest = line
    if (longest.size <= own + 1) return false
    ;[...longest].at(-1)?.refuse(tooMany())
    return true
  }

  private count(by: string, change: 1 | -1): void {
    const count = (this.inside.get(by) ?? 0) + change
    if (count > 0) this.inside.set(by, count)
    else this.inside.delete(by)
  }

  private get hasRoom(): boolean {
    return this.working < this.options.working && this.all < this.options.all
  }

  private isWithinShare(by: string): boolean {
    return (this.inside.get(by) ?? 0) < this.share
  }
}

function tooMany(): Error {
  return unavailable('PGRST003', 'Too many requests are waiting for the database. Try again shortly.')
}

function tooLong(): Error {
  return unavailable('PGRST003', 'Timed out acquiring connection from connection pool.')
}
