import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type FuzzReport, fuzz } from './run'

const say = (line: string) => void process.stdout.write(`${line}\n`)

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '20000' },
    batch: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    /** Number of the first case, to go on where a run ended. */
    from: { type: 'string', default: '0' },
    /** One case alone, by its number. */
    case: { type: 'string' },
  },
})
/** Functions of the fixture that answer with any status they are told, or wait. */
const TOLD_TO_FAIL = ['fail', 'answer', 'wait', 'any_of_them']
const seed = Number(values.seed)
const migrationsDir = fileURLToPath(new URL('../../conformance/fixtures/rest', import.meta.url))
const first = Number(values.case ?? values.from)
const cases = values.case === undefined ? Number(values.cases) : 1
say(`seed ${seed}`)

const statuses: Record<string, number> = {}
const codes: Record<string, number> = {}
let failed = 0
// Each batch has a database of its own: requests that delete everything leave the others something to find.
for (let from = first; from < first + cases; from += Number(values.batch)) {
  const size = Math.min(Number(values.batch), first + cases - from)
  const report = await fuzz({
    migrationsDir,
    seed,
    from,
    cases: size,
    without: TOLD_TO_FAIL,
    log: say,
  })
  print(from, size, report)
  failed += report.failures.length
  for (const [key, count] of Object.entries(report.statuses)) statuses[key] = (statuses[key] ?? 0) + count
  for (const [key, count] of Object.entries(report.codes)) codes[key] = (codes[key] ?? 0) + count
  // After every batch: a long run may be ended before its time.
  for (const counts of [statuses, codes])
    say(JSON.stringify(Object.fromEntries(Object.entries(counts).sort())))
}
process.exitCode = failed > 0 ? 1 : 0

function print(from: number, size: number, { failures, statements, texts, seconds, heap }: FuzzReport) {
  say(
    `cases ${from}–${from + size - 1}: ${failures.length} failures, ${statements} statements, ${texts} texts, ${Math.round(seconds)} s, heap ${heap.map((h) => h.toFixed(1)).join(' → ')} MB`,
  )
  for (const { index, why, case: one } of failures.slice(0, 20)) {
    say(`--seed ${seed} --case ${index}: ${why}\n  ${JSON.stringify(one).slice(0, 1500)}`)
  }
}
