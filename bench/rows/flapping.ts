import { randomUUID } from 'node:crypto'
import { startProduct } from '../../e2e/product'
import type { Common } from '../bench'
import { makeCrowdIn } from '../crowd'
import { runJob } from '../run-job'

const FLAPPING = 5
const TOPICS = 100
/** Ten thousand joins within ten seconds. */
const JOINS_PER_SECOND = 1_000

/** What people who join and leave without a pause do to those who chat meanwhile. */
export async function flapping(bench: Common) {
  const product = await startProduct({ verb: 'backend' })
  try {
    const { people, channels, shared } = await makeCrowdIn(product, 200 + FLAPPING)
    const reach = { url: product.url, key: product.secrets.publishableKey }
    const { seconds } = bench
    // Some are theirs, most are not there at all.
    const topics = [shared, ...channels, ...Array.from({ length: TOPICS }, () => randomUUID())]
    const storm = (length: number) =>
      runJob('joinStorm', {
        ...{ ...reach, people: people.slice(200), perSecond: JOINS_PER_SECOND, seconds: length },
        topics: topics.slice(0, TOPICS).map((id) => `channel:${id}`),
      })
    const chat = () =>
      runJob('deliveries', {
        ...{ ...reach, people: people.slice(0, 200), channelId: shared },
        ...{ sockets: 200, perSecond: 10, seconds },
      })
    // A new process compiles its JavaScript while it works: whichever came first would be the slower one.
    await storm(2)
    await chat()
    for (let repeat = 0; repeat < bench.repeats; repeat++) {
      const quiet = await chat()
      // Longer than the chat, which takes its time to open the sockets.
      const [weather, busy] = await Promise.all([storm(seconds + 4), chat()])
      if (quiet.lost + busy.lost > 0) throw new Error('deliveries were lost')
      bench.add('flap-chat-p99', busy.p99 / quiet.p99)
      bench.note(
        'chat while people join and leave',
        `p99 ${busy.p99.toFixed(1)} ms, quiet ${quiet.p99.toFixed(1)} ms; ${weather.joins} joins, ${weather.answers} answers, ${weather.closed} sockets ended`,
      )
    }
  } finally {
    await product.stop()
  }
}
