import { PgoutputText, type WalEvent } from './pgoutput'

export type Parsed = { event: WalEvent | Error; bytes: number }

/** Counts what was parsed and what was dealt with: in between, the package keeps a queue. */
export class CountingPlugin {
  parsed = 0
  handled = 0
  readonly name: string
  readonly options: object
  readonly start: PgoutputText['start']
  private readonly decoder: PgoutputText

  constructor(publications: string[]) {
    this.decoder = new PgoutputText({ publications })
    this.name = this.decoder.name
    this.options = this.decoder.options
    this.start = this.decoder.start.bind(this.decoder)
  }

  /** The package calls this where nobody catches, so a failure travels in the queue. */
  parse(buffer: Buffer): Parsed {
    this.parsed += 1
    try {
      return { event: this.decoder.parse(buffer), bytes: buffer.length }
    } catch (error) {
      return { event: error instanceof Error ? error : new Error(String(error)), bytes: 0 }
    }
  }
}
