import { type Process, proportionalMemory, residentMemory } from '../../e2e/processes'
import { startProduct } from '../../e2e/product'
import type { Common } from '../bench'
import { makeCrowdIn } from '../crowd'
import { collector, startHelper, startJob } from '../run-job'
import { heldMemory } from './sockets'

const SOCKETS = 1000
const SETTLE_MS = 5_000
const MEGABYTE = 1 << 20

/** What the product costs when nobody says anything, and what each listening socket adds. */
export async function memory(bench: Common) {
  for (let repeat = 0; repeat < bench.repeats; repeat++) {
    const product = await startProduct({ env: { NODE_OPTIONS: `--import ${collector}` } })
    try {
      await (await fetch(`${product.url}/sign-in`)).text()
      const { people } = await makeCrowdIn(product, 200)
      const { url, secrets } = product
      const connect = { url, key: secrets.publishableKey, people }
      await settle()
      const parts = await product.parts()
      const backend = parts.backend?.pid as number
      const sizes = {
        backend: await residentMemory(backend),
        next: await total(parts.next, residentMemory),
        postgres: await total(parts.postgres, proportionalMemory),
      }
      bench.add('memory-idle', (sizes.backend + sizes.next + sizes.postgres) / MEGABYTE)
      for (const [part, bytes] of Object.entries(sizes)) {
        bench.note(`idle memory of ${part}`, `${Math.round(bytes / MEGABYTE)} MB`)
      }
      // The first two hundred sockets warm caches and heap; the next thousand are the price of a socket.
      const warm = await startJob('idleSockets', { ...connect, sockets: 200 })
      const value = await growth(backend, () => startJob('idleSockets', { ...connect, sockets: SOCKETS }))
      await warm.stop()
      bench.add('memory-socket', value, await relayGrowth())
    } finally {
      await product.stop()
    }
  }
}

async function relayGrowth() {
  const relay = await startHelper('./relay.ts')
  const { port } = relay
  const warm = await startJob('idleSockets', { port, sockets: 200 })
  const value = await growth(relay.pid, () => startJob('idleSockets', { port, sockets: SOCKETS }))
  await warm.stop()
  await relay.stop()
  return value
}

async function growth(pid: number, open: () => Promise<{ stop(): Promise<void> }>) {
  const before = await heldMemory(pid)
  const held = await open()
  const after = await heldMemory(pid)
  await held.stop()
  return (after - before) / SOCKETS / 1024
}

async function total(processes: Process[], measure: (pid: number) => Promise<number>) {
  const sizes = await Promise.all(processes.map(({ pid }) => measure(pid)))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Memory has no event that says "settled": this is a measurement's pause, not a test's. */
const settle = () => new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
