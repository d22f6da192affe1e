import { residentMemory } from '../../e2e/processes'
import { startProduct } from '../../e2e/product'
import type { Common } from '../bench'
import { makeCrowdIn } from '../crowd'
import { runJob, startHelper } from '../run-job'

const load = { parallel: 20, bytes: 25 * 1024 * 1024 }
const MEGABYTE = 1 << 20
const SAMPLE_MS = 200

/** Large files by many at once beside a server that only writes and syncs, and what they do to those who chat. */
export async function files(bench: Common) {
  const product = await startProduct({ verb: 'backend' })
  const line = await startHelper('./file-server.ts')
  try {
    const { people, shared } = await makeCrowdIn(product, 200)
    const { url, secrets } = product
    const headers = { apikey: secrets.secretKey }
    const storage = (path: string, method: string, body: unknown) =>
      fetch(`${url}/storage/v1/${path}`, {
        method,
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    await storage('bucket', 'POST', { id: 'bench', name: 'bench' })
    const { seconds } = bench
    const value = (length: number) =>
      runJob('uploads', { ...load, url: `${url}/storage/v1/object/bench`, headers, seconds: length })
    const chat = () =>
      runJob('deliveries', {
        ...{ url, key: secrets.publishableKey, people, channelId: shared },
        ...{ sockets: 200, perSecond: 10, seconds },
      })
    const backend = (await product.parts()).backend?.pid as number
    await value(2)
    for (let repeat = 0; repeat < bench.repeats; repeat++) {
      const below = await runJob('uploads', {
        ...load,
        url: `http://127.0.0.1:${line.port}`,
        headers,
        seconds,
      })
      const before = await residentMemory(backend)
      const watching = watchMemory(backend)
      bench.add('files-upload', await value(seconds), below)
      bench.add('files-memory', (watching.stop() - before) / MEGABYTE)
      const quiet = await chat()
      // Longer than the chat, which takes its time to open the sockets.
      const [, busy] = await Promise.all([value(seconds + 4), chat()])
      if (quiet.lost + busy.lost > 0) throw new Error('deliveries were lost')
      bench.add('files-chat-p99', busy.p99 / quiet.p99)
      bench.note('chat beside uploads', `p99 ${busy.p99.toFixed(1)} ms, quiet ${quiet.p99.toFixed(1)} ms`)
      await storage('bucket/bench/empty', 'POST', {})
    }
  } finally {
    await line.stop()
    await product.stop()
  }
}

/** The most memory that a process has had until it is stopped. */
function watchMemory(pid: number) {
  let most = 0
  const timer = setInterval(async () => {
    most = Math.max(most, await residentMemory(pid).catch(() => 0))
  }, SAMPLE_MS)
  return {
    stop() {
      clearInterval(timer)
      return most
    },
  }
}
