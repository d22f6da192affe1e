/** Counts events of each of many keys, or what they amount to, within a window that begins with the first of them. */
export class Windows<Key> {
  /** Of keys with an event in this window or the one before: whoever is silent, as most sockets are, costs nothing. */
  private readonly windows = new Map<Key, { start: number; count: number }>()
  private tidiedAt = Number.NEGATIVE_INFINITY
  private readonly max: number
  private readonly windowMs: number

  constructor(max: number, windowMs = 1_000) {
    this.max = max
    this.windowMs = windowMs
  }

  /** Whether this much still fits. */
  take(key: Key, amount = 1, now = Date.now()): boolean {
    if (now - this.tidiedAt >= this.windowMs) this.tidy(now)
    let window = this.windows.get(key)
    if (!window || this.isOver(window, now)) {
      window = { start: now, count: 0 }
      this.windows.set(key, window)
    }
    window.count += amount
    return window.count <= this.max
  }

  /** Lets go of a key that will not come again. */
  forget(key: Key): void {
    this.windows.delete(key)
  }

  get size(): number {
    return this.windows.size
  }

  private tidy(now: number): void {
    this.tidiedAt = now
    for (const [key, window] of this.windows) if (this.isOver(window, now)) this.windows.delete(key)
  }

  private isOver({ start }: { start: number }, now: number): boolean {
    return now - start >= this.windowMs
  }
}

/** Counts within the current second, for each of many keys. */
export class Rates {
  private second = 0
  private readonly counts = new Map<string, number>()
  private readonly max: number

  constructor(max: number) {
    this.max = max
  }

  /** What of `amount` fits: all of it, which is counted then, or `some` or `none`, and nothing is counted. */
  take(key: string, amount = 1, now = Date.now()): 'all' | 'some' | 'none' {
    const second = Math.floor(now / 1_000)
    if (second !== this.second) {
      this.second = second
      this.counts.clear()
    }
    const before = this.counts.get(key) ?? 0
    if (before >= this.max) return 'none'
    if (before + amount > this.max) return 'some'
    this.counts.set(key, before + amount)
    return 'all'
  }
}

/** Counts what each of many keys has open. */
export class Quota {
  private readonly counts = new Map<string, number>()
  private readonly max: number

  constructor(max: number) {
    this.max = max
  }

  /** Takes one; false, taking none, when the key has all it may have. */
  take(key: string): boolean {
    const count = this.counts.get(key) ?? 0
    if (count >= this.max) return false
    this.counts.set(key, count + 1)
    return true
  }

  giveBack(key: string): void {
    const count = (this.counts.get(key) ?? 0) - 1
    if (count > 0) this.counts.set(key, count)
    else this.counts.delete(key)
  }
}
