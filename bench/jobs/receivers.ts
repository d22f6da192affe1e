import { WebSocket } from 'ws'
import { millisecondsSince } from '../open-loop'
import { percentile } from '../statistics'
import { type DeliveryResult, messageIndex } from './job'

export type Receivers = {
  sockets: WebSocket[]
  expect(index: number, since: bigint): void
  result(generatorLateP99: number): Promise<DeliveryResult>
}

const PATIENCE_MS = 10_000

/** Notes, for every socket and every message, how long after its scheduled send the frame reached the callback. */
export function collect(sockets: WebSocket[]): Receivers {
  const since = new Map<number, bigint>()
  const latencies: number[] = []
  const last = new Map<number, number>()
  let frameBytes = 0
  for (const socket of sockets) {
    socket.on('message', (data) => {
      const frame = data.toString()
      const scheduled = since.get(messageIndex(frame))
      if (scheduled === undefined) return
      const latency = millisecondsSince(scheduled)
      latencies.push(latency)
      last.set(messageIndex(frame), latency)
      frameBytes = (data as Buffer).length
    })
  }
  return {
    sockets,
    expect: (index, scheduled) => void since.set(index, scheduled),
    async result(generatorLateP99) {
      const wanted = since.size * sockets.length
      for (let waited = 0; latencies.length < wanted && waited < PATIENCE_MS; waited += 50) {
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      const lasts = [...last.values()]
      return {
        p50: percentile(latencies, 0.5),
        p99: percentile(latencies, 0.99),
        lastP50: percentile(lasts, 0.5),
        lastP99: percentile(lasts, 0.99),
        lost: wanted - latencies.length,
        frameBytes,
        generatorLateP99,
      }
    },
  }
}

export async function openSockets(count: number, connect: (index: number) => Promise<WebSocket>) {
  const sockets: WebSocket[] = []
  // In groups: two hundred handshakes at once would be a test of the accept queue.
  for (let from = 0; from < count; from += 20) {
    const group = Array.from({ length: Math.min(20, count - from) }, (_, index) => connect(from + index))
    sockets.push(...(await Promise.all(group)))
  }
  return sockets
}

export function openSocket(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket)).once('error', reject)
  })
}
