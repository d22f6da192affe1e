import { openLoop } from '../open-loop'
import { percentile } from '../statistics'
import { type Flaps, flap } from './flap'
import { arrive } from './joins'
import { Member, type MemberSpec, type Target } from './member'
import { type Catchup, type StormResult, weather } from './storm'
import { type Tallied, Tally } from './tally'
import { openWriters, type Writing } from './writers'

/** Messages go to the groups of the writers in turn. */
export type Load = Writing & { perSecond: number; seconds: number }

export type FleetResult = Tallied & { generatorLateP99: number; failures: string[] }

const HEARTBEAT_MS = 25_000
const HEARTBEAT_SLICES = 100
/** Handshakes under way at once: enough to keep a server busy, not a test of the accept queue. */
const CONCURRENCY = 64
const PATIENCE_MS = 15_000

/** Thousands of sockets in one process, each another person's. */
export class Fleet {
  readonly target: Target
  readonly members: Member[] = []
  private readonly groups = new Map<string, Map<Member, number>>()
  private tally: Tally | null = null
  private sent = 0

  constructor(target: Target) {
    this.target = target
    let slice = 0
    // Clients send theirs when their own time comes, so that a second has as many as the next.
    setInterval(() => {
      slice = (slice + 1) % HEARTBEAT_SLICES
      for (let i = slice; i < this.members.length; i += HEARTBEAT_SLICES) this.members[i]?.heartbeat()
    }, HEARTBEAT_MS / HEARTBEAT_SLICES)
  }

  /** Opens a socket for each of these people; returns how many seconds that took. */
  async grow(specs: MemberSpec[]): Promise<number> {
    const started = performance.now()
    const offset = this.members.length
    let next = 0
    const work = async () => {
      while (next < specs.length) {
        const index = next++
        const member = new Member(specs[index] as MemberSpec, offset + index, this.target)
        member.onText = (bytes, start, end) => this.tally?.take(member, bytes, start, end)
        await arrive(member)
        this.members.push(member)
        for (const name of member.spec.groups) {
          const group = this.groups.get(name) ?? new Map<Member, number>()
          this.groups.set(name, group.set(member, group.size))
        }
      }
    }
    await Promise.all(Array.from({ length: CONCURRENCY }, work))
    return (performance.now() - started) / 1000
  }

  /** Sends at the rate and counts every delivery, from the scheduled time. */
  async carry(load: Load): Promise<FleetResult> {
    const base = this.sent
    const tally = new Tally(base)
    this.tally = tally
    const { writers, close } = await openWriters(this.target, load)
    const failures: string[] = []
    const lateness = await openLoop({
      ...load,
      act: (index, scheduled) => {
        const writer = writers[index % writers.length]
        const group = this.groups.get(writer?.group ?? '')
        if (!writer || !group) throw new Error('a writer without a group')
        tally.expect(group, scheduled)
        this.sent += 1
        writer.write(base + index).catch((error: unknown) => failures.push(String(error)))
      },
    })
    await patience(tally)
    await close()
    this.tally = null
    return { ...tally.result(), generatorLateP99: percentile(lateness, 0.99), failures }
  }

  /** Deliveries a second when the next message goes out as soon as the one before last has reached everybody. */
  async ceiling(group: string, frameBytes: number, seconds: number): Promise<number> {
    const tally = new Tally(this.sent)
    this.tally = tally
    const { writers, close } = await openWriters(this.target, { writers: [{ group }], frameBytes })
    const [writer] = writers
    const members = this.groups.get(group)
    if (!writer || !members) throw new Error(`nobody in ${group}`)
    const started = performance.now()
    while (performance.now() - started < seconds * 1000) {
      tally.expect(members, process.hrtime.bigint())
      await writer.write(this.sent++)
      while (tally.wanted - tally.received > members.size)
        await new Promise((resolve) => setImmediate(resolve))
    }
    const rate = tally.received / ((performance.now() - started) / 1000)
    await patience(tally)
    await close()
    this.tally = null
    return rate
  }

  /** Lives through a restart of the server, which somebody else has to do. */
  weather(catchup: Catchup): Promise<StormResult> {
    return weather(this.members, catchup)
  }

  /** Lets people leave and return: see `flap`. */
  flap(load: { perSecond: number; seconds: number }): Promise<Flaps> {
    return flap(this.members, load)
  }
}

/** Waits for what is under way; what does not come while nothing else comes either is lost. */
async function patience(tally: Tally): Promise<void> {
  for (let waited = 0; tally.received < tally.wanted && waited < PATIENCE_MS; waited += 50) {
    const before = tally.received
    await new Promise((resolve) => setTimeout(resolve, 50))
    if (tally.received > before) waited = 0
  }
}
