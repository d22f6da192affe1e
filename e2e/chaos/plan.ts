import { createRandom, type Random } from '@/backend/testing/fuzz/random'
import type { Part } from '../product'
import type { Direction } from '../proxy'

/** What a person does; `pick` and `other` are below 1 and choose among what there is at that moment. */
const ACTS = [
  'send',
  'send',
  'send',
  'send',
  'reply',
  'reply',
  'edit',
  'edit',
  'delete',
  'react',
  'unreact',
  'read',
  'open',
  'leave',
] as const
export type Act = (typeof ACTS)[number]

const FAULTS = ['cut', 'tear', 'silence', 'hold', 'refuse', 'delay', 'drip'] as const
export type Fault = (typeof FAULTS)[number]

export type Victim = Part | 'everything'
/** Each is killed as often as it stands here before one of them is killed once more: a short run meets every part. */
const VICTIMS: Victim[] = [
  'backend',
  'backend',
  'postmaster',
  'postmaster',
  'next',
  'connection',
  'connection',
  'walsender',
  'everything',
  'everything',
]

export type Decision = { after: number } & (
  | { kind: 'act'; client: number; act: Act; pick: number; other: number }
  /** `again`: the same part once more, after so many sends failed; it strikes while the product recovers. */
  | { kind: 'kill'; victim: Victim; pick: number; again: number | null }
  /** `forgotten`: silenced connections stay silent when the fault ends. */
  | { kind: 'fault'; client: number; fault: Fault; direction: Direction; size: number }
  | { kind: 'heal'; client: number; forgotten: boolean }
  /** The lid of a laptop: nothing runs until it is opened. */
  | { kind: 'sleep' | 'wake'; client: number }
  /** The browser dies and starts again with what it had on disk. */
  | { kind: 'crash'; client: number }
  | { kind: 'refresh'; client: number }
  /** The oldest messages of a channel go, and cursors below become worthless. */
  | { kind: 'purge'; channel: number; pick: number }
  | { kind: 'check' }
)
type Choice = Decision extends infer D ? (D extends unknown ? Omit<D, 'after'> : never) : never

/** How many acknowledged sends lie between two decisions of a kind, on average. */
export type Pace = { act: number; kill: number; clients: number; channels: number }

/**
 * All decisions of a run, in order, each after a number of acknowledged sends and never after a time. They depend on
 * the seed and the pace alone: what happens in between differs from run to run, what is done to it does not.
 */
export function* planChaos(seed: number, pace: Pace): Generator<Decision> {
  const random = createRandom(seed, 0)
  const clocks: { every: number; next: number; draw(random: Random, after: number): Choice }[] = []
  const later: Decision[] = []
  const victims: Victim[] = []
  const clock = (every: number, draw: (random: Random, after: number) => Choice) =>
    clocks.push({ every, next: gap(random, every), draw })
  const fraction = () => random.below(1 << 20) / (1 << 20)
  const client = () => random.below(pace.clients)
  const victim = () => {
    if (victims.length === 0) victims.push(...VICTIMS)
    return victims.splice(random.below(victims.length), 1)[0] as Victim
  }

  clock(pace.kill, () => ({
    kind: 'kill',
    victim: victim(),
    pick: fraction(),
    again: random.chance(0.15) ? 1 + random.below(60) : null,
  }))
  clock(pace.kill * 5, () => ({ kind: 'check' }))
  if (pace.clients > 0) {
    clock(pace.act, () => ({
      kind: 'act',
      client: client(),
      act: random.pick(ACTS),
      pick: fraction(),
      other: fraction(),
    }))
    clock(pace.kill / 3, (_, after) => {
      const one = client()
      later.push({
        after: after + gap(random, pace.kill),
        kind: 'heal',
        client: one,
        forgotten: random.chance(0.2),
      })
      const direction = random.pick(['up', 'down', 'both'] as const)
      return { kind: 'fault', client: one, fault: random.pick(FAULTS), direction, size: fraction() }
    })
    clock(pace.kill, (_, after) => {
      const one = client()
      later.push({ after: after + gap(random, pace.kill * 2), kind: 'wake', client: one })
      return { kind: 'sleep', client: one }
    })
    clock(pace.kill, () => ({ kind: 'crash', client: client() }))
    clock(pace.kill, () => ({ kind: 'refresh', client: client() }))
    clock(pace.kill * 4, () => ({ kind: 'purge', channel: random.below(pace.channels), pick: fraction() }))
  }

  for (;;) {
    const due = clocks.reduce((a, b) => (b.next < a.next ? b : a))
    later.sort((a, b) => a.after - b.after)
    const first = later[0]
    if (first && first.after <= due.next) {
      later.shift()
      yield first
      continue
    }
    const after = due.next
    due.next += gap(random, due.every)
    yield { after, ...due.draw(random, after) }
  }
}

/** From 1 to twice the mean. */
const gap = (random: Random, mean: number) => 1 + random.below(Math.max(1, Math.round(2 * mean)))
