import { Histogram } from '../histogram'
import { millisecondsSince } from '../open-loop'
import { percentile } from '../statistics'
import type { Member } from './member'

const NEEDLE = Buffer.from('"body":"#')
const DIGITS = 8
/** Answers to heartbeats and the like are shorter than any message. */
const SHORTEST_MESSAGE = 150

export type Tallied = {
  deliveries: number
  /** Milliseconds from the scheduled send to each receiver. */
  p50: number
  p99: number
  /** The same to the last receiver of a message. */
  lastP50: number
  lastP99: number
  lost: number
  duplicates: number
  /** Delivered to somebody who is not in the channel. */
  strays: number
  frameBytes: number
}

type Expected = { group: Map<Member, number>; since: bigint; seen: Uint8Array; last: number }

/** What a load has to deliver, and what arrived: every delivery is looked at, none is sampled. */
export class Tally {
  received = 0
  wanted = 0
  private readonly base: number
  private readonly histogram = new Histogram()
  private readonly messages: Expected[] = []
  private duplicates = 0
  private strays = 0
  private frameBytes = 0

  /** `base` is the number of the load's first message: late ones of an earlier load are not taken for these. */
  constructor(base: number) {
    this.base = base
  }

  /** The next message goes to these people, each with their place among them. */
  expect(group: Map<Member, number>, since: bigint): void {
    this.messages.push({ group, since, seen: new Uint8Array(group.size), last: 0 })
    this.wanted += group.size
  }

  take(member: Member, bytes: Buffer, start: number, end: number): void {
    const number = messageNumber(bytes, start, end)
    const message = number < 0 ? undefined : this.messages[number - this.base]
    if (!message) return
    const place = message.group.get(member)
    if (place === undefined) this.strays += 1
    else if (message.seen[place]) this.duplicates += 1
    else {
      const latency = millisecondsSince(message.since)
      message.seen[place] = 1
      message.last = latency
      this.received += 1
      this.histogram.record(latency)
      this.frameBytes = end - start
    }
  }

  result(): Tallied {
    const lasts = this.messages.map(({ last }) => last)
    return {
      deliveries: this.received,
      p50: this.histogram.percentile(0.5),
      p99: this.histogram.percentile(0.99),
      lastP50: percentile(lasts, 0.5),
      lastP99: percentile(lasts, 0.99),
      lost: this.wanted - this.received,
      duplicates: this.duplicates,
      strays: this.strays,
      frameBytes: this.frameBytes,
    }
  }
}

/** The number in the body of a message (`messageBody`); -1 for everything else. */
function messageNumber(bytes: Buffer, start: number, end: number): number {
  if (end - start < SHORTEST_MESSAGE) return -1
  const at = bytes.indexOf(NEEDLE, start)
  const first = at + NEEDLE.length
  if (at < 0 || first + DIGITS > end) return -1
  let number = 0
  for (let i = first; i < first + DIGITS; i++) number = number * 10 + (bytes[i] as number) - 48
  return number
}
