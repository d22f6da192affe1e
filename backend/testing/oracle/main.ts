import { parseArgs } from 'node:util'
import { runOracle } from './run'

const say = (line: string) => void process.stdout.write(`${line}\n`)

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    /** Steps of one world; the next begins with another seed. */
    batch: { type: 'string', default: '10000' },
  },
})
const steps = Number(values.steps)
let failed = 0
for (let done = 0, seed = Number(values.seed); done < steps; seed++) {
  say(`seed ${seed}`)
  const size = Math.min(Number(values.batch), steps - done)
  const report = await runOracle({ seed, steps: size, log: say })
  const { differences, byName, ...numbers } = report
  say(JSON.stringify(numbers))
  say(JSON.stringify(Object.fromEntries(Object.entries(byName).sort())))
  for (const line of differences) say(line)
  failed += differences.length
  done += report.steps
  if (failed > 0) break
}
say(`${failed} differences`)
process.exitCode = failed > 0 ? 1 : 0
