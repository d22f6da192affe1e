import type { Bench } from '../bench'
import type { Crowd } from '../crowd'
import { LINE_CONNECTIONS } from '../jobs/bare-sends'
import type { Sender, SendOptions, SendResult } from '../jobs/job'
import { runJob } from '../run-job'

const WARM_UP_SECONDS = 10

/** Durable sends, throughput and latency, each repeat directly after its bare SQL transaction. */
export async function sends(bench: Bench) {
  const inProduct = sendersIn(bench.crowd)
  const inBare = sendersIn(bench.bare.crowd)
  const { seconds } = bench

  const rest = (options: SendOptions) => runJob('restSends', { ...options, url: bench.url, key: bench.key })
  const line = (options: SendOptions) =>
    runJob('sqlSends', {
      ...options,
      databaseUrl: bench.bare.databaseUrl,
      connections: Math.min(options.senders.length, LINE_CONNECTIONS),
    })
  const pair = async (which: keyof typeof inBare, rate?: number) => {
    const below = accept(await line({ senders: inBare[which], seconds, perSecond: rate }))
    return { line: below, value: accept(await rest({ senders: inProduct[which], seconds, perSecond: rate })) }
  }
  const perSecond = ({ acks, seconds: took }: SendResult) => acks / took

  // A new process compiles its JavaScript while it works: a third of its time, for the first thousands of requests.
  await rest({ senders: inProduct.spread, seconds: WARM_UP_SECONDS })
  await line({ senders: inBare.spread, seconds: 2 })
  for (let repeat = 0; repeat < bench.repeats; repeat++) {
    const all = await pair('spread')
    bench.add('sends-32', perSecond(all.value), perSecond(all.line))
    const crowded = await pair('hot')
    bench.add('sends-32-hot', perSecond(crowded.value), perSecond(crowded.line))
    const alone = await pair('one')
    bench.add('sends-1', perSecond(alone.value), perSecond(alone.line))
    const steady = await pair('spread', 750)
    bench.add('ack-p50', steady.value.p50, steady.line.p50)
    bench.add('ack-p99', steady.value.p99, steady.line.p99)
    const calm = await pair('one', 50)
    bench.add('ack-1-p50', calm.value.p50, calm.line.p50)
    bench.add('ack-1-p99', calm.value.p99, calm.line.p99)
  }
}

/** The first 32 people: each in a channel of their own, all in one channel, and one of them alone. */
function sendersIn({ people, channels, shared }: Crowd) {
  const spread: Sender[] = people.slice(0, 32).map((person, index) => ({
    ...person,
    channelId: channels[index] as string,
  }))
  return {
    spread,
    hot: spread.map((sender) => ({ ...sender, channelId: shared })),
    one: spread.slice(0, 1),
  }
}

function accept(result: SendResult): SendResult {
  if (result.failures.length > 0) {
    throw new Error(`${result.failures.length} sends failed, the first with: ${result.failures[0]}`)
  }
  return result
}
