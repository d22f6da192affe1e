import { waiting as waitingMetric } from '../metrics/metrics'

/**
 * Runs work a few at a time and refuses it, instead of letting a queue grow, when too much is waiting. Those who ask
 * take turns, and who waits for the most is refused first: nobody keeps others out by asking for much.
 */
export type WorkQueue = { run<T>(work: () => Promise<T>, by?: string): Promise<T> }

type Waiting = { start: () => void; refuse: (error: Error) => void }

/** Thrown instead of queueing. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError'
}

/** A queue for `concurrency` at once, which may change while it runs, and `maxWaiting` behind them. */
export function createWorkQueue({
  concurrency,
  maxWaiting,
  name,
}: {
  concurrency: number | (() => number)
  maxWaiting: number
  /** Under which `/metrics` shows how much waits. */
  name?: string
}): WorkQueue {
  const limit = typeof concurrency === 'number' ? () => concurrency : concurrency
  /** Who waits, in the order in which their turns come; each with what they asked for, one line per asker. */
  const lines = new Map<string, Waiting[]>()
  let waiting = 0
  let running = 0
  if (name) waitingMetric.add(() => waiting, name)

  /** Places are taken here and not by those who wake up: nobody who comes meanwhile can slip in between. */
  function startNext(): void {
    while (running < limit()) {
      const [next] = lines
      if (!next) return
      const [by, line] = next
      lines.delete(by)
      const [first, ...rest] = line
      // Whoever asked for more has their next turn after everybody else's.
      if (rest.length > 0) lines.set(by, rest)
      waiting--
      running++
      first?.start()
    }
  }

  /** Throws when nobody waits for more than the newcomer would. */
  function makeRoom(own: number): void {
    let longest: Waiting[] = []
    for (const line of lines.values()) if (line.length > longest.length) longest = line
    if (longest.length <= own + 1) throw tooMuch()
    longest.pop()?.refuse(tooMuch())
    waiting--
  }

  function wait(by: string): Promise<void> {
    const line = lines.get(by) ?? []
    if (waiting >= maxWaiting) makeRoom(line.length)
    waiting++
    return new Promise((start, refuse) => {
      line.push({ start, refuse })
      lines.set(by, line)
    })
  }

  return {
    async run(work, by = '') {
      if (running >= limit()) await wait(by)
      else running++
      try {
        return await work()
      } finally {
        running--
        startNext()
      }
    },
  }
}

function tooMuch(): QueueFullError {
  return new QueueFullError('Too much work is waiting')
}
