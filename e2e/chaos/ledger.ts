import { closeSync, mkdtempSync, openSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * What the product has acknowledged, written to a file outside of it before whoever heard the acknowledgement goes on.
 */
export function openLedger(seed: number) {
  const path = join(mkdtempSync(join(tmpdir(), 'enterprise-chat-chaos-')), `${seed}.jsonl`)
  const file = openSync(path, 'a')
  const waiting: { goal: number; resolve: (reached: boolean) => void }[] = []
  let sends = 0

  return {
    path,
    sends: () => sends,
    /** One acknowledgement. */
    write(entry: { kind: string } & Record<string, unknown>) {
      writeSync(file, `${JSON.stringify(entry)}\n`)
      if (entry.kind !== 'send') return
      sends++
      for (let first = waiting[0]; first && first.goal <= sends; first = waiting[0]) {
        waiting.shift()
        first.resolve(true)
      }
    },
    /** True when so many sends were acknowledged since the beginning, false after `limitMs` or an interruption. */
    reached(goal: number, limitMs?: number): Promise<boolean> {
      if (goal <= sends) return Promise.resolve(true)
      return new Promise((resolve) => {
        const limit = limitMs && setTimeout(() => settle(false), limitMs)
        const wait = { goal, resolve: settle }
        waiting.push(wait)
        waiting.sort((a, b) => a.goal - b.goal)
        function settle(reached: boolean) {
          clearTimeout(limit)
          if (!reached) waiting.splice(waiting.indexOf(wait), 1)
          resolve(reached)
        }
      })
    },
    /** Nobody waits any longer. */
    interrupt() {
      for (const wait of [...waiting]) wait.resolve(false)
    },
    close: () => closeSync(file),
  }
}

export type Ledger = ReturnType<typeof openLedger>
