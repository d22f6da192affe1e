import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { summarise } from './statistics'
import { type Measured, type RowId, type Sample, type Target, targets } from './targets'

const START = '<!-- bench:start -->'
const END = '<!-- bench:end -->'

/** One row: value and range, the physical line of the same run, their ratio, and the verdict. */
function renderRow(id: RowId, samples: Sample[]): string {
  const target: Target = targets[id]
  const value = summarise(samples.map((sample) => sample.value))
  const lines = samples.flatMap(({ line }) => (line === undefined ? [] : [line]))
  const line = lines.length > 0 ? summarise(lines) : undefined
  const higher = 'atLeast' in target
  const ratio = line && (higher ? value.median / line.median : line.median / value.median)
  const judged = target.ofLine ? (ratio ?? 0) : value.median
  const passed = higher ? judged >= target.atLeast : judged <= target.atMost
  const wanted = `${target.ofLine ? 'R ' : ''}${higher ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`}`
  const cells = [
    target.what,
    `${format(value.median)} ${target.unit}`,
    `${format(value.low)} – ${format(value.high)}`,
    line ? `${format(line.median)} (${format(line.low)} – ${format(line.high)})` : '–',
    ratio ? ratio.toFixed(2) : '–',
    wanted,
    passed ? 'PASS' : 'FAIL',
  ]
  return `| ${cells.join(' | ')} |`
}

export function renderReport(measured: Measured, notes: Map<string, string>, repeats: number): string {
  const rows = (Object.keys(targets) as RowId[]).flatMap((id) => {
    const samples = measured[id]
    return samples ? [renderRow(id, samples)] : []
  })
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`
  return [
    `${new Date().toISOString().slice(0, 10)}, commit ${commit()}, ${machine}; median of ${repeats} repeats and their range.`,
    '',
    '| what | value | range | physical line | R | target | |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
    ...[...notes].map(([name, text]) => `- ${name}: ${text}`),
  ].join('\n')
}

/** Replaces the part of the page between the markers; what people wrote around it stays. */
export function writeInto(path: string, report: string): void {
  const page = readFileSync(path, 'utf8')
  const [before, rest] = page.split(START)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined) throw new Error(`${path} has lost its markers`)
  writeFileSync(path, `${before}${START}\n\n${report}\n\n${END}${after}`)
}

function format(value: number): string {
  if (value >= 100) return String(Math.round(value))
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}
