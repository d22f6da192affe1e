import { closeSync, mkdtempSync, openSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * What the product has acknowledged, written to a file outside of it before whoever heard the acknowledgement goes on.
 */
export function openLedger(seed: number) {
  const path = join(mkdtempSync(join(tmpdir(), 'enterprise-chat-chaos-')), `${seed}.jsonl`)
  const file = openSync(path, 'a')
  const waiting: { goal: number; resolve: () => void }[] = []
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
        first.resolve()
      }
    },
    /** Resolves when so many sends were acknowledged since the beginning. */
    reached(goal: number): Promise<void> {
      if (goal <= sends) return Promise.resolve()
      return new Promise((resolve) => {
        waiting.push({ goal, resolve })
        waiting.sort((a, b) => a.goal - b.goal)
      })
    },
    close: () => closeSync(file),
  }
}

export type Ledger = ReturnType<typeof openLedger>
