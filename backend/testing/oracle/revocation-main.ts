import { parseArgs } from 'node:util'
import { runRevocations } from './revocation'

const say = (line: string) => void process.stdout.write(`${line}\n`)
const { values } = parseArgs({
  options: { trials: { type: 'string', default: '100' }, places: { type: 'string', default: '6' } },
})

const report = await runRevocations({
  trials: Number(values.trials),
  places: Number(values.places),
  log: say,
})
say(
  `${report.trials} trials, ${report.compared} transactions compared, ${report.later} of them after the right had ended`,
)
const all = Object.values(report.closed)
  .flat()
  .sort((a, b) => a - b)
const rows = [
  ...Object.entries(report.closed).sort(),
  ['all of them', all],
  ['an ordinary event', report.delivered],
]
for (const [kind, times] of rows as [string, number[]][]) {
  // From just before the commit to the end of the last private topic; an event: to its arrival.
  const at = (share: number) =>
    `${times[Math.min(times.length - 1, Math.floor(times.length * share))]?.toFixed(0)} ms`
  say(`${kind}: after ${at(0.5)} (p50), ${at(0.99)} (p99), ${at(1)} (worst) of ${times.length}`)
}
for (const line of report.leaks.slice(0, 20)) say(line)
say(`${report.leaks.length} leaks`)
process.exitCode = report.leaks.length > 0 ? 1 : 0
