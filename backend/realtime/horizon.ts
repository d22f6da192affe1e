import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Keeps answers of the database from being older than the stream. A commit is in the WAL, and so in our hands, a
 * moment before other transactions see it: a question asked in between would be answered from before the change,
 * and that answer would be remembered after the change had been dealt with.
 */
export class Horizon {
  private unseen: { xid: number; place: number }[] = []
  private noted = 0

  /** A transaction was read from the stream; `xid` is its 32-bit id. */
  note(xid: number): void {
    this.unseen.push({ xid: xid >>> 0, place: this.noted++ })
  }

  /** Whether a snapshot (`pg_current_snapshot()::text`) sees the transactions noted so far, or the first of them. */
  isSeenBy(snapshot: string, first = this.noted): boolean {
    if (this.unseen.length === 0) return true
    const sees = seenBy(snapshot)
    this.unseen = this.unseen.filter(({ xid }) => !sees(xid))
    return this.unseen.every(({ place }) => place >= first)
  }

  /**
   * Asks until the answer is not older than the stream was when it was asked for. `ask` returns the snapshot taken at
   * its start. What is noted meanwhile is the business of whoever asks: were it waited for too, a stream that never
   * pauses would let nobody in.
   */
  async ask<Answer extends { snapshot: string }>(ask: () => Promise<Answer>): Promise<Answer> {
    const { noted } = this
    for (let wait = 1; ; wait = Math.min(wait * 2, 50)) {
      const answer = await ask()
      if (this.isSeenBy(answer.snapshot, noted)) return answer
      await sleep(wait)
    }
  }

  /** How many transactions no snapshot has confirmed yet. */
  get size(): number {
    return this.unseen.length
  }
}

/** Which of the transactions of the stream, named by their 32-bit ids, a snapshot sees. */
export function seenBy(snapshot: string): (xid: number) => boolean {
  const [xmin = '0', xmax = '0', running = ''] = snapshot.split(':')
  const inProgress = new Set(running.split(',').filter(Boolean).map(BigInt))
  const [low, high] = [BigInt(xmin), BigInt(xmax)]
  return (xid) => {
    // The stream has 32 bits of the id; the full one is the nearest to the snapshot.
    const full = high + BigInt(((xid >>> 0) - Number(BigInt.asUintN(32, high))) | 0)
    return full < low || (full < high && !inProgress.has(full))
  }
}
