import { buildProduct } from '../product'
import { parseOptions } from './options'
import { runChaos } from './run'

const options = parseOptions(process.argv.slice(2))
await buildProduct()
// Ended early it still compares everything, and says what it reached.
const end = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => end.abort())
const verdict = await runChaos(options, (line) => console.log(line), end.signal)
console.log(JSON.stringify(verdict, null, 2))
process.exitCode = verdict.lost.length + verdict.twice.length + verdict.wrong.length > 0 ? 1 : 0
