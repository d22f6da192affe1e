import { expect, onTestFailed, test } from 'vitest'
import { newSeed } from './chaos/options'
import { runChaos } from './chaos/run'
import { TRANSPORTS } from './product'

/** `CHAOS_SEED=N` decides again what another run decided. */
const seed = Number(process.env.CHAOS_SEED ?? newSeed())

test.each(TRANSPORTS)(
  `nothing is lost or doubled and everybody ends equal, whatever breaks (%s, seed ${seed})`,
  async (transport) => {
    const lines: string[] = []
    onTestFailed(() => console.log(lines.join('\n')))
    // More than a machine does in two minutes: the time ends the run, so that it is as long on every machine.
    const size = { kills: 100, sends: 10_000, minutes: 2, clients: 20, senders: 8 }
    const options = { seed, ...size, browsers: true, transport }
    const { lost, twice, wrong, kills, sends } = await runChaos(options, (line) => lines.push(line))
    expect({ lost, twice, wrong }).toEqual({ lost: [], twice: [], wrong: [] })
    expect(kills).toBeGreaterThan(3)
    expect(sends).toBeGreaterThan(100)
  },
  600_000,
)
