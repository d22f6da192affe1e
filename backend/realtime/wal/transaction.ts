import type { RowChange, WalEvent } from './pgoutput'

/** What a committed transaction did, in its order. */
export type Step = RowChange | Extract<WalEvent, { tag: 'truncate' | 'message' }>

/**
 * One committed transaction, or a part of a very large one. `whole` is false for parts: what a later part says is not
 * known yet when an earlier one is dealt with. `first`: no part of it came before.
 */
export type Transaction = { xid: number; committedAt: Date; steps: Step[]; whole: boolean; first: boolean }

/** A transaction with more steps or bytes than this comes in parts, so that an import does not fill the memory. */
const MAX_STEPS = 2_000
const MAX_BYTES = 16 * 1_048_576

/** Puts events of the stream together to transactions. */
export class Assembler {
  private open: Transaction | null = null
  private bytes = 0
  private readonly maxSteps: number

  constructor(maxSteps = MAX_STEPS) {
    this.maxSteps = maxSteps
  }

  /** Takes the next event; returns what is complete now. `endLsn`: the transaction ends with it. */
  take(event: WalEvent, bytes = 0): { transaction: Transaction | null; endLsn: bigint | null } {
    switch (event.tag) {
      case 'begin':
        this.open = { xid: event.xid, committedAt: event.committedAt, steps: [], whole: true, first: true }
        this.bytes = 0
        return { transaction: null, endLsn: null }
      case 'commit': {
        const transaction = this.open
        this.open = null
        return { transaction, endLsn: event.endLsn }
      }
      case 'other':
        return { transaction: null, endLsn: null }
      default:
        return { transaction: this.add(event, bytes), endLsn: null }
    }
  }

  /** Whether a transaction has begun and not ended. */
  get isOpen(): boolean {
    return this.open !== null
  }

  private add(step: Step, bytes: number): Transaction | null {
    // A message that is not transactional stands between transactions and is none of ours.
    if (!this.open) return null
    this.open.steps.push(step)
    this.bytes += bytes
    if (this.open.steps.length < this.maxSteps && this.bytes < MAX_BYTES) return null
    this.bytes = 0
    const part = { ...this.open, whole: false }
    this.open = { ...part, steps: [], first: false }
    return part
  }
}
