import { writeFileSync } from 'node:fs'
import { StorageError } from './errors'
import { makePicture } from './picture-maker'
import type { Answer, Task } from './picture-worker'

// A process that makes pictures and nothing else: whatever a picture does to the library that reads it, the chat goes on.

/** A picture of fifty million pixels, several times over. What wants more is killed before the machine has nothing left. */
const MAX_MEMORY_BYTES = 1_500_000_000
const LOOK_EVERY_MS = 100

process.title = 'enterprise-chat pictures'
// Whoever asked is gone.
process.on('disconnect', () => process.exit(0))
// Ended by whom it works for, and not by a key that was meant for that one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
try {
  // If the machine runs out of memory after all, this is what it takes first.
  writeFileSync('/proc/self/oom_score_adj', '1000')
} catch {
  // Another system.
}
// The library works in threads of its own, so this one sees what they take.
setInterval(() => {
  if (process.memoryUsage.rss() > MAX_MEMORY_BYTES) process.kill(process.pid, 'SIGKILL')
}, LOOK_EVERY_MS).unref()

process.on('message', async ({ bytes, transformation, acceptsWebp }: Task) => {
  const answer = await makePicture(Buffer.from(bytes), transformation, acceptsWebp).then(
    (picture): Answer => ({ picture }),
    (error: unknown): Answer =>
      error instanceof StorageError
        ? { refusal: [error.statusCode, error.error, error.message] }
        : { failure: String(error) },
  )
  process.send?.(answer)
})
