/** When there are so many payers, and twice as many as were left the last time, those who owe nothing are forgotten. */
const PRUNE_AT = 1_000

type Account = { left: number; at: number }

/**
 * What each payer may have told of itself: bytes that come back evenly over a window. Whoever has spent them waits, and
 * is then told of as they are by that time: coming and going without a pause costs the others no more than that.
 */
export class Budgets {
  private readonly accounts = new Map<string, Account>()
  private readonly windowMs: number
  private pruneAt = PRUNE_AT

  constructor(windowMs: number) {
    this.windowMs = windowMs
  }

  /** Milliseconds until the payer may be told of again; 0: now, and the cost is taken. */
  take(payer: string, cost: number, max: number, now = Date.now()): number {
    const account = this.account(payer, max, now)
    if (account.left <= 0) return Math.ceil((1 - account.left) / (max / this.windowMs))
    this.charge(payer, cost, max, now)
    return 0
  }

  /** Takes the cost whatever is left: nobody owes more than what comes back within a window. */
  charge(payer: string, cost: number, max: number, now = Date.now()): void {
    const account = this.account(payer, max, now)
    account.left = Math.max(account.left - cost, 1 - max)
    this.accounts.set(payer, account)
    if (this.accounts.size > this.pruneAt) this.prune(now)
  }

  get size(): number {
    return this.accounts.size
  }

  private account(payer: string, max: number, now: number): Account {
    const known = this.accounts.get(payer)
    if (!known) return { left: max, at: now }
    const refilled = known.left + Math.max(0, now - known.at) * (max / this.windowMs)
    return { left: Math.min(max, refilled), at: now }
  }

  /** Twice the window after their last change nobody owes anything. */
  private prune(now: number): void {
    for (const [payer, { at }] of this.accounts) {
      if (now - at >= 2 * this.windowMs) this.accounts.delete(payer)
    }
    this.pruneAt = Math.max(PRUNE_AT, this.accounts.size * 2)
  }
}
