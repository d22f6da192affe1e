/** Runs work a few at a time and refuses it, instead of letting a queue grow, when too much is waiting. */
export type WorkQueue = { run<T>(work: () => Promise<T>): Promise<T> }

/** Thrown instead of queueing. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError'
}

/** A queue for `concurrency` at once and `maxWaiting` behind them. */
export function createWorkQueue({
  concurrency,
  maxWaiting,
}: {
  concurrency: number
  maxWaiting: number
}): WorkQueue {
  const waiting: (() => void)[] = []
  let running = 0
  return {
    async run(work) {
      if (running >= concurrency) {
        if (waiting.length >= maxWaiting) throw new QueueFullError('Too much work is waiting')
        // Whoever finishes hands its place over, so `running` stays as it is.
        await new Promise<void>((resolve) => waiting.push(resolve))
      } else {
        running++
      }
      try {
        return await work()
      } finally {
        const next = waiting.shift()
        if (next) next()
        else running--
      }
    },
  }
}
