import { expect, onTestFailed, test } from 'vitest'
import { newSeed } from './chaos/options'
import { runChaos } from './chaos/run'
import { TRANSPORTS } from './product'

/** `CHAOS_SEED=N` decides again what another run decided. */
const seed = Number(process.env.CHAOS_SEED ?? newSeed())

/** About a minute where nothing else runs; a busy machine takes longer, or ends with less. */
const SIZE = { kills: 16, sends: 1_600, minutes: 4 }

test.each(TRANSPORTS)(
  `nothing is lost or doubled and everybody ends equal, whatever breaks (%s, seed ${seed})`,
  async (transport) => {
    const lines: string[] = []
    onTestFailed(() => console.log(lines.join('\n')))
    const options = { seed, ...SIZE, clients: 20, senders: 8, browsers: true, transport }
    const { lost, twice, wrong, kills, sends } = await runChaos(options, (line) => lines.push(line))
    expect({ lost, twice, wrong }).toEqual({ lost: [], twice: [], wrong: [] })
    expect(kills).toBeGreaterThanOrEqual(4)
    expect(sends).toBeGreaterThan(100)
  },
  600_000,
)
