import type { Bench } from '../bench'
import { runJob, startHelper } from '../run-job'

const SOCKETS = 200
const PER_SECOND = 10

/** Delivery to two hundred sockets in one channel, each repeat beside the raw relay with the same load. */
export async function delivery(bench: Bench) {
  const load = { sockets: SOCKETS, perSecond: PER_SECOND, seconds: bench.seconds }
  const product = (seconds: number) =>
    runJob('deliveries', {
      ...load,
      seconds,
      url: bench.url,
      key: bench.key,
      people: bench.crowd.people,
      channelId: bench.crowd.shared,
    })
  const relay = await startHelper('./relay.ts')
  try {
    const { frameBytes } = await product(2)
    for (let repeat = 0; repeat < bench.repeats; repeat++) {
      const line = await runJob('relayDeliveries', { ...load, port: relay.port, frameBytes })
      const value = await product(bench.seconds)
      if (value.lost > 0) throw new Error(`${value.lost} deliveries were lost`)
      bench.add('delivery-p50', value.p50, line.p50)
      bench.add('delivery-p99', value.p99, line.p99)
      bench.add('delivery-last', value.lastP99, line.lastP99)
      bench.note('delivery frame', `${frameBytes} bytes`)
      bench.note('delivery generator late, p99', `${value.generatorLateP99.toFixed(1)} ms`)
    }
  } finally {
    await relay.stop()
  }
}
