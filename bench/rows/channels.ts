import type { Common } from '../bench'
import type { Company } from '../company'
import type { FleetResult } from '../fleet/fleet'
import { accept } from './fanout'

const RATES = [100, 250, 500, 750, 1_000, 1_250, 1_500, 2_000, 2_500, 3_000, 4_000]
const MAX_P99_MS = 250
/** The rate at which the product's p99 stands in the table. */
const STEADY = 500

/**
 * Ten thousand sockets in five hundred channels: the highest rate that arrives in time and whole. The line stores each
 * message with bare SQL, in a PostgreSQL of its own, and then tells the relay.
 */
export async function channels(bench: Common, company: Company) {
  const bare = await company.openBare()
  try {
    await measure(bench, company, bare)
  } finally {
    await bare.close()
  }
}

type Bare = Awaited<ReturnType<Company['openBare']>>

async function measure(bench: Common, company: Company, bare: Bare) {
  const { value, line } = company.people
  const writers = company.writers.teams
  await line.grow(company.size)
  await value.grow(company.size)
  // Every channel once: who may see it is asked of the policies for its first message.
  const once = { perSecond: 50, seconds: writers.length / 50 }
  const { frameBytes } = accept(await value.carry({ ...once, writers }))
  accept(await line.carry({ ...once, writers: bare.writers.teams, storedIn: bare.storedIn, frameBytes }))
  for (let repeat = 0; repeat < bench.repeats; repeat++) {
    const steps = { value: new Map<number, FleetResult>(), line: new Map<number, FleetResult>() }
    for (const perSecond of RATES) {
      const load = { writers, perSecond, seconds: bench.seconds }
      const below = { ...load, writers: bare.writers.teams, storedIn: bare.storedIn, frameBytes }
      if (lastHeld(steps.line)) steps.line.set(perSecond, await line.carry(below))
      if (lastHeld(steps.value)) steps.value.set(perSecond, await value.carry(load))
    }
    bench.add('channels-rate', highest(steps.value), highest(steps.line))
    const [above, below] = [steps.value.get(STEADY), steps.line.get(STEADY)]
    if (above) bench.add('channels-p99', above.p99, below?.p99)
    bench.note('500 channels, steps', [...steps.value].map(describe).join('; '))
    bench.note('500 channels, steps of the line', [...steps.line].map(describe).join('; '))
  }
}

const held = ({ p99, lost, duplicates, strays, failures }: FleetResult) =>
  p99 <= MAX_P99_MS && lost + duplicates + strays + failures.length === 0

/** A server that is past its limit is not driven further. */
const lastHeld = (steps: Map<number, FleetResult>) => {
  const last = [...steps.values()].at(-1)
  return !last || held(last)
}

const highest = (steps: Map<number, FleetResult>) =>
  Math.max(0, ...[...steps].filter(([, result]) => held(result)).map(([rate]) => rate))

const describe = ([rate, { p50, p99, lost, failures }]: [number, FleetResult]) =>
  `${rate}/s p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} ms${lost > 0 ? `, ${lost} lost` : ''}${
    failures.length > 0 ? `, ${failures.length} failed (${failures[0]})` : ''
  }`
