import { afterEach, beforeEach, expect, test } from 'vitest'
import { startHelper } from '../run-job'
import { Fleet } from './fleet'
import { Member } from './member'
import { Tally } from './tally'

let relay: Awaited<ReturnType<typeof startHelper>>
const fleets: Fleet[] = []
beforeEach(async () => {
  relay = await startHelper('./relay.ts')
})
afterEach(async () => {
  for (const fleet of fleets.splice(0)) for (const member of fleet.members) member.close()
  await relay.stop()
})

const person = (userId: string, ...groups: string[]) => ({ userId, token: '', groups })

test('every delivery of a load is counted, in the group that it is for', async () => {
  const fleet = new Fleet({ relay: relay.port })
  fleets.push(fleet)
  await fleet.grow([person('a', 'all', 'one'), person('b', 'all', 'one'), person('c', 'all', 'two')])
  const writers = [{ group: 'all' }, { group: 'one' }, { group: 'two' }]
  const load = { writers, perSecond: 60, seconds: 0.5, frameBytes: 400 }
  const first = await fleet.carry(load)
  expect(first).toMatchObject({ deliveries: 60, lost: 0, duplicates: 0, strays: 0, frameBytes: 400 })
  expect(first.p50).toBeGreaterThan(0)
  expect(first.lastP99).toBeGreaterThanOrEqual(first.p50)
  // The numbers of the next load begin where these ended.
  expect(await fleet.carry(load)).toMatchObject({ deliveries: 60, lost: 0 })
})

test('what is lost, comes twice, or comes to the wrong person is not a delivery', () => {
  const [ada, bob, eve] = ['ada', 'bob', 'eve'].map((name, i) => new Member(person(name), i, { relay: 1 }))
  const tally = new Tally(5)
  tally.expect(
    new Map([
      [ada as Member, 0],
      [bob as Member, 1],
    ]),
    process.hrtime.bigint(),
  )
  const frame = Buffer.from(`{"body":"#00000005 ${'x'.repeat(200)}"}`)
  const stale = Buffer.from(`{"body":"#00000004 ${'x'.repeat(200)}"}`)
  for (const member of [ada, ada, eve]) tally.take(member as Member, frame, 0, frame.length)
  tally.take(bob as Member, stale, 0, stale.length)
  expect(tally.result()).toMatchObject({ deliveries: 1, lost: 1, duplicates: 1, strays: 1 })
})
