import type { Common } from '../bench'
import { type Company, EVERYBODY } from '../company'
import type { FleetResult } from '../fleet/fleet'

const STEPS = [
  { name: '1k', sockets: 1_000, perSecond: 10 },
  { name: '5k', sockets: 5_000, perSecond: 2 },
  { name: '10k', sockets: 10_000, perSecond: 1 },
] as const

/** One channel of a thousand, five thousand, ten thousand sockets, each repeat beside the relay with the same load. */
export async function fanout(bench: Common, company: Company) {
  const { value, line } = company.people
  const writers = company.writers.everybody
  for (const { name, sockets, perSecond } of STEPS.filter((step) => step.sockets <= company.size)) {
    await line.grow(sockets)
    await value.grow(sockets)
    const { frameBytes } = accept(await value.carry({ writers, perSecond, seconds: 4 }))
    for (let repeat = 0; repeat < bench.repeats; repeat++) {
      const load = { writers, perSecond, seconds: Math.max(bench.seconds, 20 / perSecond) }
      const below = accept(await line.carry({ ...load, frameBytes }))
      const above = accept(await value.carry(load))
      bench.add(`fanout-${name}-p50`, above.p50, below.p50)
      bench.add(`fanout-${name}-p99`, above.p99, below.p99)
      bench.add(`fanout-${name}-last`, above.lastP99, below.lastP99)
      bench.note(`one channel, ${sockets} sockets: generator late, p99`, late(above, below))
    }
    const ceiling = { group: EVERYBODY, frameBytes, seconds: 3 }
    const most = await line.generator.run('fleetCeiling', ceiling)
    bench.note(
      `relay and generator at full speed, ${sockets} sockets`,
      `${Math.round(most)} deliveries/s of ${frameBytes} bytes`,
    )
  }
}

export const late = (value: FleetResult, line: FleetResult) =>
  `${value.generatorLateP99.toFixed(1)} ms, on the line ${line.generatorLateP99.toFixed(1)} ms`

/** A result with a loss or a leak in it is none. */
export function accept(result: FleetResult): FleetResult {
  const { lost, duplicates, strays, failures } = result
  if (failures.length > 0) throw new Error(`${failures.length} sends failed: ${failures[0]}`)
  if (lost + duplicates + strays > 0)
    throw new Error(`${lost} deliveries lost, ${duplicates} twice, ${strays} to others`)
  return result
}
