import type { Bench } from '../bench'
import { runJob, startHelper } from '../run-job'

/** What the generator itself can do: a result near it would be the generator's, not the product's. */
export async function ceiling(bench: Bench) {
  const empty = await startHelper('./empty-server.ts')
  try {
    const senders = bench.crowd.people
      .slice(0, 32)
      .map((person) => ({ ...person, channelId: bench.crowd.shared }))
    const url = `http://127.0.0.1:${empty.port}`
    const result = await runJob('restSends', { senders, seconds: 3, url, key: bench.key })
    bench.note(
      'generator against a server that does nothing, 32 senders',
      `${Math.round(result.acks / result.seconds)} requests/s, p50 ${result.p50.toFixed(1)} ms`,
    )
  } finally {
    await empty.stop()
  }
}
