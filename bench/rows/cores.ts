import type { Common } from '../bench'
import { EVERYBODY } from '../company'
import { startGenerator, startHelper } from '../run-job'
import { accept } from './fanout'

const FRAME_BYTES = 1_540
const STEPS = [
  { sockets: 1_000, perSecond: 10 },
  { sockets: 10_000, perSecond: 1 },
]

/**
 * Whether a second process for sockets helps: the relay, which does nothing but write, with all sockets in one process
 * and with half of them in each of two. The product could not gain more by it than the relay does.
 */
export async function cores(bench: Common) {
  for (const step of STEPS) {
    const results = { one: [] as string[], two: [] as string[] }
    for (let repeat = 0; repeat < bench.repeats; repeat++) {
      results.one.push(await carry('./relay.ts', step, bench.seconds))
      results.two.push(await carry('./relay-cluster.ts', step, bench.seconds))
    }
    for (const [name, lines] of Object.entries(results))
      bench.note(
        `relay with ${step.sockets} sockets in ${name} process${name === 'one' ? '' : 'es'}`,
        lines.join('; '),
      )
  }
}

async function carry(
  file: './relay.ts' | './relay-cluster.ts',
  { sockets, perSecond }: (typeof STEPS)[number],
  seconds: number,
): Promise<string> {
  const relay = await startHelper(file)
  const generator = startGenerator()
  try {
    const specs = Array.from({ length: sockets }, (_, i) => ({
      userId: String(i),
      token: '',
      groups: [EVERYBODY],
    }))
    await generator.run('growFleet', { target: { relay: relay.port }, specs })
    const writers = [{ group: EVERYBODY, channelId: '', token: '' }]
    const load = { writers, perSecond, seconds: Math.max(seconds, 20 / perSecond), frameBytes: FRAME_BYTES }
    const { p50, p99, lastP99 } = accept(await generator.run('fleetCarries', load))
    const most = await generator.run('fleetCeiling', {
      group: EVERYBODY,
      frameBytes: FRAME_BYTES,
      seconds: 3,
    })
    const times = [p50, p99, lastP99].map((time) => time.toFixed(1)).join(' / ')
    return `p50 / p99 / last ${times} ms, ${Math.round(most)} deliveries/s at full speed`
  } finally {
    await generator.stop()
    await relay.stop()
  }
}
