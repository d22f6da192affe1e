/** Lets work wait that must not happen while it is found out who is told of a change, and they are told. */
export class Between {
  private running = 0
  private waiting: (() => void)[] = []

  /** Keeps others out until work has ended. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.running += 1
    try {
      return await work()
    } finally {
      this.running -= 1
      // Here, not in a later turn: by then the next change may have begun.
      if (this.running === 0) for (const next of this.waiting.splice(0)) next()
    }
  }

  /** Does work at once, or when what keeps it out has ended. */
  take<Result>(work: () => Result): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const now = () => {
        try {
          resolve(work())
        } catch (error) {
          reject(error)
        }
      }
      if (this.running === 0) now()
      else this.waiting.push(now)
    })
  }
}
