import { buildProduct } from '../product'
import { parseOptions } from './options'
import { runChaos } from './run'

/** Everybody who is connected is equal to the database sooner; a short run among other tests is not asked for it. */
const EQUAL_MS = 1_000

const options = parseOptions(process.argv.slice(2))
await buildProduct()
// Ended early it still compares everything, and says what it reached.
const end = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => end.abort())
const verdict = await runChaos(options, (line) => console.log(line), end.signal)
console.log(JSON.stringify(verdict, null, 2))
const { lost, twice, wrong, worst } = verdict
const tooLate = worst.equalMs > EQUAL_MS
if (tooLate) console.log(`equal only after ${worst.equalMs} ms: ${worst.late.join('; ')}`)
process.exitCode = lost.length + twice.length + wrong.length > 0 || tooLate ? 1 : 0
