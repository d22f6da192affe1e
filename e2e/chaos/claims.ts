/**
 * What the values of something may be: the last that was acknowledged, or any that was asked for and whose answer was
 * lost, since that one may have happened, and later than it was asked for.
 */
export class Claims<T> {
  private readonly known = new Map<string, { acked?: T; doubtful: T[] }>()

  /** Asks for a value; the answer says what became of it. Never answered, it stays in doubt. */
  attempt(key: string, value: T) {
    const claim = this.known.get(key) ?? { doubtful: [] }
    this.known.set(key, claim)
    claim.doubtful.push(value)
    const settle = () => claim.doubtful.splice(claim.doubtful.indexOf(value), 1)
    return {
      acked() {
        settle()
        claim.acked = value
      },
      refused: settle,
    }
  }

  keys(): string[] {
    return [...this.known.keys()]
  }

  allows(key: string, value: T): boolean {
    const claim = this.known.get(key)
    if (!claim) return true
    return claim.doubtful.includes(value) || claim.acked === undefined || claim.acked === value
  }

  /** Nothing is on its way any more: what is there is what counts from now on. */
  settle(key: string, value: T): void {
    this.known.set(key, { acked: value, doubtful: [] })
  }
}
