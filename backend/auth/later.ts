import type { Logger } from '../log'
import { tooManyRequests } from './auth-error'
import { createWorkQueue, QueueFullError } from './work-queue'

/**
 * Work that happens for some addresses and not for others, done after the answer: neither its duration nor its
 * failure tells which addresses have accounts.
 */
export type Later = {
  /** Throws when too much is waiting, whatever the work is: the answer must not depend on it. */
  run(what: string, work: () => Promise<unknown>): void
  /** When all that was given so far is done. */
  settled(): Promise<void>
}

const CONCURRENCY = 2
const MAX_WAITING = 500
const COME_AGAIN_SECONDS = 5

/** A queue of such work. */
export function createLater(log: Logger): Later {
  const queue = createWorkQueue({ name: 'mails', concurrency: CONCURRENCY, maxWaiting: MAX_WAITING })
  const waiting = new Set<Promise<void>>()
  return {
    run(what, work) {
      if (waiting.size >= CONCURRENCY + MAX_WAITING) throw tooManyRequests(COME_AGAIN_SECONDS)
      const done = queue
        .run(work)
        .then(
          () => {},
          (err: unknown) => {
            if (err instanceof QueueFullError) return
            log.error({ err, what }, 'Work after an answer failed')
          },
        )
        .finally(() => waiting.delete(done))
      waiting.add(done)
    },
    async settled() {
      while (waiting.size > 0) await Promise.all(waiting)
    },
  }
}
