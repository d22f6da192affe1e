import { parseArgs } from 'node:util'
import { runRevocations } from './revocation'

const say = (line: string) => void process.stdout.write(`${line}\n`)
const { values } = parseArgs({ options: { trials: { type: 'string', default: '100' } } })

const report = await runRevocations({ trials: Number(values.trials), log: say })
say(
  `${report.trials} trials, ${report.compared} transactions compared, ${report.later} of them after the right had ended`,
)
const all = Object.values(report.closed)
  .flat()
  .sort((a, b) => a - b)
for (const [kind, times] of [...Object.entries(report.closed).sort(), ['all of them', all] as const]) {
  const at = (share: number) =>
    `${times[Math.min(times.length - 1, Math.floor(times.length * share))]?.toFixed(0)} ms`
  say(
    `${kind}: private topics ended after ${at(0.5)} (p50), ${at(0.99)} (p99), ${at(1)} (worst) of ${times.length}`,
  )
}
for (const line of report.leaks.slice(0, 20)) say(line)
say(`${report.leaks.length} leaks`)
process.exitCode = report.leaks.length > 0 ? 1 : 0
