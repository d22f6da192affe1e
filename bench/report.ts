import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { summarise } from './statistics'
import { type Measured, type RowId, type Sample, type Target, targets } from './targets'

const START = '<!-- bench:start -->'
const END = '<!-- bench:end -->'

/** One row: value and range, the physical line of the same run, their ratio, the verdict, and which run it was. */
function renderRow(id: RowId, samples: Sample[], run: string): string {
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
    ratio && Number.isFinite(ratio) ? ratio.toFixed(2) : '–',
    wanted,
    passed ? 'PASS' : 'FAIL',
    run,
  ]
  return `| ${cells.join(' | ')} |`
}

/** The table and its notes, for a terminal and for the page. */
export function renderReport(measured: Measured, notes: Map<string, string>): string {
  const date = new Date().toISOString().slice(0, 10)
  const rows = (Object.keys(targets) as RowId[]).flatMap((id) => {
    const samples = measured[id]
    return samples ? [renderRow(id, samples, `${date}, ${commit()}, ${samples.length}`)] : []
  })
  return page(
    rows,
    [...notes].map(([name, text]) => `- ${name}: ${text}`),
  )
}

/** Renews the part of the page between the markers. Rows and notes that were not measured this time stay with their run. */
export function writeInto(path: string, report: string): void {
  const text = readFileSync(path, 'utf8')
  const [before, rest] = text.split(START)
  const [old, after] = rest?.split(END) ?? []
  if (before === undefined || old === undefined || after === undefined) {
    throw new Error(`${path} has lost its markers`)
  }
  writeFileSync(path, `${before}${START}\n\n${merge(old, report)}\n\n${END}${after}`)
}

/** What a report says, with what an older one says about the rest. */
export function merge(old: string, report: string): string {
  const rows = new Map([...cells(old), ...cells(report)])
  const notes = new Map([...noted(old), ...noted(report)])
  const inOrder = Object.values<Target>(targets).flatMap(({ what }) => rows.get(what) ?? [])
  return page(inOrder, [...notes.values()])
}

const cells = (report: string) =>
  [...report.matchAll(/^\| (?!what \|)(.+?) \|.*$/gm)].map(([row, what]) => [what ?? '', row] as const)

const noted = (report: string) =>
  [...report.matchAll(/^- (.+?): .*$/gm)].map(([note, name]) => [name ?? '', note] as const)

function page(rows: string[], notes: string[]): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`
  return [
    `${machine}. Median of the repeats and their range; "run" is the day, the commit and how many repeats.`,
    '',
    '| what | value | range | physical line | R | target | | run |',
    '|---|---|---|---|---|---|---|---|',
    ...rows,
    '',
    ...notes,
  ].join('\n')
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
