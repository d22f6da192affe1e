import type { RowChange, WalEvent } from './pgoutput'

/** What a committed transaction did, in its order. */
export type Step = RowChange | Extract<WalEvent, { tag: 'truncate' | 'message' }>

/**
 * One committed transaction, or a part of a very large one. `whole` is false for parts: what a later part says is not
 * known yet when an earlier one is dealt with.
 */
export type Transaction = { xid: number; committedAt: Date; steps: Step[]; whole: boolean }

/** A transaction with more steps than this comes in parts, so that an import does not fill the memory. */
const MAX_STEPS = 2_000

/** Puts events of the stream together to transactions. */
export class Assembler {
  private open: Transaction | null = null
  private readonly maxSteps: number

  constructor(maxSteps = MAX_STEPS) {
    this.maxSteps = maxSteps
  }

  /** Takes the next event; returns what is complete now. `endLsn`: the transaction ends with it. */
  take(event: WalEvent): { transaction: Transaction | null; endLsn: bigint | null } {
    switch (event.tag) {
      case 'begin':
        this.open = { xid: event.xid, committedAt: event.committedAt, steps: [], whole: true }
        return { transaction: null, endLsn: null }
      case 'commit': {
        const transaction = this.open
        this.open = null
        return { transaction, endLsn: event.endLsn }
      }
      case 'other':
        return { transaction: null, endLsn: null }
      default:
        return { transaction: this.add(event), endLsn: null }
    }
  }

  /** Whether a transaction has begun and not ended. */
  get isOpen(): boolean {
    return this.open !== null
  }

  private add(step: Step): Transaction | null {
    // A message that is not transactional stands between transactions and is none of ours.
    if (!this.open) return null
    this.open.steps.push(step)
    if (this.open.steps.length < this.maxSteps) return null
    const part = { ...this.open, whole: false }
    this.open = { ...part, steps: [] }
    return part
  }
}
