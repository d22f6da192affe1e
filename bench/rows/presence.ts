import { makeCrowd, makeWorkspace } from '../../e2e/crowd'
import { startProduct } from '../../e2e/product'
import type { Common } from '../bench'
import type { MemberSpec } from '../fleet/member'
import { startGenerator, startHelper } from '../run-job'
import { pidsOf, usageDuring } from './sockets'

/** How many see each other. */
const VISIBLE = 200
/** Share of the people who leave and come back within a minute. */
const FLAPPING = 0.1
const SECONDS = 30

/** Half of the company is there: five thousand people. */
export async function presence(bench: Common) {
  const there = bench.people / 2
  // In 25 workspaces. Somebody who leaves and comes back is two frames for each of those who see them.
  await flapping(bench, { row: 'presence', there, visible: VISIBLE, frames: (changes) => changes })
  // In one: whoever returns gets a list of everybody, and all are told once a second.
  await flapping(bench, { row: 'presence-workspace', there, visible: there, frames: () => 1 })
}

type Options = {
  row: 'presence' | 'presence-workspace'
  there: number
  visible: number
  /** How many frames a second the line tells each, of so many changes a second. */
  frames(changes: number): number
}

/** People see their colleagues, of whom always some leave and some return. */
async function flapping(bench: Common, { row, there, visible, frames }: Options) {
  const product = await startProduct({ verb: 'backend' })
  const relay = await startHelper('./relay.ts')
  const [value, line] = [startGenerator(), startGenerator()]
  try {
    const specs: MemberSpec[] = []
    for (let shown = 0; shown < there; shown += visible) {
      const people = await makeCrowd(product, visible)
      const { workspaceId } = await makeWorkspace(product, people, [])
      specs.push(
        ...people.map(({ userId, token }) => ({ userId, token, groups: [workspaceId], workspaceId })),
      )
    }
    const { url, secrets } = product
    const target = { product: { url, key: secrets.publishableKey } }
    await value.run('growFleet', { target, specs })
    await line.run('growFleet', { target: { relay: relay.port }, specs })
    const perSecond = (specs.length * FLAPPING) / 60
    const pids = await pidsOf(product)
    for (let repeat = 0; repeat < bench.repeats; repeat++) {
      const writers = specs
        .filter((_, i) => i % visible === 0)
        .map(({ groups: [group] }) => ({ group: group ?? '' }))
      const load = { writers, perSecond: frames(perSecond * 2), seconds: SECONDS, frameBytes: 400 }
      const below = await usageDuring([relay.pid], () => line.run('fleetCarries', load))
      let told = { wanted: 0, told: 0, frames: 0 }
      const above = await usageDuring(pids, async () => {
        told = await value.run('fleetFlaps', { perSecond, seconds: SECONDS })
      })
      if (told.told < told.wanted * 0.9)
        throw new Error(`people were told ${told.told} of ${told.wanted} changes`)
      bench.add(row, above.all, below.all)
      bench.note(
        row,
        `backend ${above.first.toFixed(1)} % of a core, the rest PostgreSQL; ${told.frames} frames told ${told.told} changes`,
      )
    }
  } finally {
    await Promise.all([value.stop(), line.stop(), relay.stop(), product.stop()])
  }
}
