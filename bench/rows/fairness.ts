import type { Common } from '../bench'
import type { Company } from '../company'
import { accept } from './fanout'

/** Half of the company hears it: five thousand. */
const HOT_PER_SECOND = 2
/** Messages a second in all the quiet channels together. */
const QUIET_PER_SECOND = 50

/** What one crowded channel does to those who talk in pairs; both fleets have a process of their own. */
export async function fairness(bench: Common, company: Company) {
  const { people, strangers, writers } = company
  const [pairs, everybody] = [writers.pairs, writers.everybody]
  const all = pairs.length * 2
  await people.line.grow(company.size / 2)
  await people.value.grow(company.size / 2)
  await strangers.line.grow(all)
  await strangers.value.grow(all)
  const seconds = Math.max(bench.seconds, 10)
  const quiet = { writers: pairs, perSecond: QUIET_PER_SECOND, seconds }
  const hot = { writers: everybody, perSecond: HOT_PER_SECOND, seconds }
  const { frameBytes } = accept(
    await strangers.value.carry({ ...quiet, seconds: pairs.length / QUIET_PER_SECOND }),
  )
  accept(await people.value.carry({ ...hot, seconds: 2 }))
  const ratio = async (which: 'value' | 'line') => {
    const alone = accept(await strangers[which].carry({ ...quiet, frameBytes }))
    const [beside, crowd] = await Promise.all([
      strangers[which].carry({ ...quiet, frameBytes }),
      people[which].carry({ ...hot, frameBytes }),
    ])
    accept(crowd)
    bench.note(
      `quiet channels${which === 'line' ? ' of the line' : ''}`,
      `p99 ${alone.p99.toFixed(1)} ms alone, ${accept(beside).p99.toFixed(1)} ms beside the crowd`,
    )
    return beside.p99 / alone.p99
  }
  for (let repeat = 0; repeat < bench.repeats; repeat++) {
    const below = await ratio('line')
    bench.add('quiet-p99', await ratio('value'), below)
  }
}
