import { processorTime, residentMemory } from '../../e2e/processes'
import type { Product } from '../../e2e/product'
import type { Common } from '../bench'
import type { Company } from '../company'

/** The first warm caches and heap, as in the row of a thousand; the others are the price of a socket. */
const WARM = 200
const SETTLE_MS = 5_000
const IDLE_MS = 30_000

/** Ten thousand sockets: how fast they come, what they cost when nobody speaks, and how fast they come back. */
export async function sockets(bench: Common, company: Company) {
  for (let repeat = 0; repeat < bench.repeats; repeat++) {
    await company.restart()
    const { product, relay, people } = company
    const below = await open(company.size, people.line.grow, relay.pid, async () => [relay.pid])
    const backend = (await product.parts()).backend?.pid as number
    const above = await open(company.size, people.value.grow, backend, () => pidsOf(product))
    bench.add('connect-rate', above.rate, below.rate)
    bench.add('memory-socket-10k', above.kilobytes, below.kilobytes)
    bench.add('idle-sockets', above.idle, below.idle)
    bench.note('idle sockets', `backend ${above.first.toFixed(1)} % of a core, the rest PostgreSQL`)
    await reconnect(bench, company)
  }
}

/** Rate, kilobytes each, and the share of a core (in %) while nothing is said: of all processes and of the first. */
async function open(
  size: number,
  grow: (to: number) => Promise<number>,
  memoryOf: number,
  processes: () => Promise<number[]>,
) {
  await grow(WARM)
  const before = await heldMemory(memoryOf)
  const rate = await grow(size)
  const kilobytes = ((await heldMemory(memoryOf)) - before) / (size - WARM) / 1024
  const used = await usageDuring(await processes(), () => pause(IDLE_MS))
  return { rate, kilobytes, idle: used.all, first: used.first }
}

/** Resident memory after a process has cleared up: twice, since the first time it finds out what the second can free. */
export async function heldMemory(pid: number): Promise<number> {
  for (let time = 0; time < 2; time++) {
    process.kill(pid, 'SIGUSR2')
    await pause(SETTLE_MS)
  }
  return residentMemory(pid)
}

/** Percent of one core that processes used while something went on. */
export async function usageDuring(pids: number[], work: () => Promise<unknown>) {
  const read = () => Promise.all(pids.map((pid) => processorTime(pid).catch(() => Number.NaN)))
  const [started, before] = [performance.now(), await read()]
  await work()
  const after = await read()
  const shares = after.map((time, i) => ((time - (before[i] ?? 0)) / (performance.now() - started)) * 100)
  // What ended or began meanwhile is not counted.
  const all = shares.filter((share) => !Number.isNaN(share)).reduce((sum, share) => sum + share, 0)
  return { all, first: shares[0] ?? Number.NaN }
}

/** The backend first, then PostgreSQL's processes. */
export async function pidsOf(product: Product): Promise<number[]> {
  const { backend, postgres } = await product.parts()
  return [backend?.pid as number, ...postgres.map(({ pid }) => pid)]
}

async function reconnect(bench: Common, { product, people, writers }: Company) {
  const address = { url: product.url, key: product.secrets.publishableKey, path: '/rest/v1/rpc/bootstrap' }
  // The same for everybody: clients that were there before ask for what has changed since their picture.
  const { as_of } = await ask(address, writers.everybody[0]?.token as string)
  const catchup = { ...address, body: JSON.stringify({ since: as_of }) }
  const storm = people.value.generator.run('fleetWeathers', catchup)
  await product.quit()
  const quit = performance.now()
  await product.start()
  const away = (performance.now() - quit) / 1000
  const { seconds, retries, catchupP50, catchupP99, bytes } = await storm
  bench.add('reconnect', seconds)
  bench.note(
    'reconnect',
    `server ready after ${away.toFixed(1)} s, ${retries} attempts failed; catching up p50 ${catchupP50.toFixed(0)} ms, p99 ${catchupP99.toFixed(0)} ms, ${bytes} bytes`,
  )
}

async function ask({ url, key, path }: { url: string; key: string; path: string }, token: string) {
  const headers = { apikey: key, authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const answer = await fetch(url + path, { method: 'POST', headers, body: '{}' })
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
  return (await answer.json()) as { as_of: string }
}

/** Memory and processor time have no event that says "settled": a measurement's pause, not a test's. */
const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))
