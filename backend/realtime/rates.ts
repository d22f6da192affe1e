/** Counts events, or what they amount to, within a window that begins with the first of them. */
export class Rate {
  private start = Number.NEGATIVE_INFINITY
  private count = 0
  private readonly max: number
  private readonly windowMs: number

  constructor(max: number, windowMs = 1_000) {
    this.max = max
    this.windowMs = windowMs
  }

  /** Whether this much still fits. */
  take(amount = 1, now = Date.now()): boolean {
    if (now - this.start >= this.windowMs) {
      this.start = now
      this.count = 0
    }
    this.count += amount
    return this.count <= this.max
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
