/** Runs work a few at a time and refuses it, instead of letting a queue grow, when too much is waiting. */
export type WorkQueue = { run<T>(work: () => Promise<T>): Promise<T> }

/** Thrown instead of queueing. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError'
}

/** A queue for `concurrency` at once, which may change while it runs, and `maxWaiting` behind them. */
export function createWorkQueue({
  concurrency,
  maxWaiting,
}: {
  concurrency: number | (() => number)
  maxWaiting: number
}): WorkQueue {
  const limit = typeof concurrency === 'number' ? () => concurrency : concurrency
  const waiting: (() => void)[] = []
  let running = 0

  /** Places are taken here and not by those who wake up: nobody who comes meanwhile can slip in between. */
  function startNext(): void {
    while (waiting.length > 0 && running < limit()) {
      running++
      waiting.shift()?.()
    }
  }

  return {
    async run(work) {
      if (running >= limit()) {
        if (waiting.length >= maxWaiting) throw new QueueFullError('Too much work is waiting')
        await new Promise<void>((resolve) => waiting.push(resolve))
      } else {
        running++
      }
      try {
        return await work()
      } finally {
        running--
        startNext()
      }
    },
  }
}
