import { expect, onTestFailed, test } from 'vitest'
import { newSeed } from './chaos/options'
import { runChaos } from './chaos/run'

/** `CHAOS_SEED=N` decides again what another run decided. */
const seed = Number(process.env.CHAOS_SEED ?? newSeed())

test(`nothing is lost or doubled and everybody ends equal, whatever breaks (seed ${seed})`, async () => {
  const lines: string[] = []
  onTestFailed(() => console.log(lines.join('\n')))
  const options = { seed, kills: 6, sends: 600, minutes: 6, clients: 20, senders: 8, browsers: true }
  const { lost, twice, wrong, kills, sends } = await runChaos(options, (line) => lines.push(line))
  expect({ lost, twice, wrong }).toEqual({ lost: [], twice: [], wrong: [] })
  expect(kills).toBeGreaterThan(0)
  expect(sends).toBeGreaterThan(100)
}, 600_000)
