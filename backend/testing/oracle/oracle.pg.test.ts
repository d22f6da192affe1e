import { expect, test } from 'vitest'
import { runRevocations } from './revocation'
import { runOracle } from './run'

// `npm run oracle` and `npm run revocation` go on for as long as one likes; docs/reliability.md has the long runs.

test('random lives over the product’s own schema: every delivery is what the policies say', async () => {
  const report = await runOracle({ seed: 20_261_130, steps: 150, shards: 5 })
  expect(report.differences).toEqual([])
  // It got somewhere: there was something to deliver, and somebody to end.
  expect(report.deliveries).toBeGreaterThan(50)
  expect(report.questions).toBeGreaterThan(300)
}, 180_000)

test('B07 B08 A21: nothing that is committed after a right has ended arrives, and private topics end', async () => {
  const { leaks, later, trials, closed } = await runRevocations({ trials: 20, places: 4 })
  expect(leaks).toEqual([])
  expect(trials).toBe(20)
  expect(later).toBeGreaterThan(20)
  expect(Math.max(...Object.values(closed).flat())).toBeLessThan(30_000)
}, 180_000)
