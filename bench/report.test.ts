import { expect, test } from 'vitest'
import { merge, renderReport } from './report'

const send = { value: 1600, line: 2000 }

test('a report says value, line, share and verdict of each row, and which run it was', () => {
  const report = renderReport(
    { 'sends-32': [send, { value: 1400, line: 1800 }, { value: 1500, line: 1900 }] },
    new Map([['a note', 'text']]),
  )
  expect(report).toMatch(
    /^\| durable sends over REST, 32 senders, 32 channels \| 1500 \/s \| 1400 – 1600 \| 1900 \(1800 – 2000\) \| 0\.79 \| ≥ 1500 \| PASS \| \d{4}-\d\d-\d\d, \w+, 3 \|$/m,
  )
  expect(report).toContain('- a note: text')
})

test('what was not measured again stays, what was is renewed, and rows keep the order of the targets', () => {
  const old = renderReport(
    { 'memory-idle': [{ value: 340 }], 'sends-32': [send] },
    new Map([
      ['kept', 'old'],
      ['new', 'old'],
    ]),
  )
  const fresh = renderReport(
    { 'sends-32': [{ value: 900, line: 2000 }], 'sends-1': [send] },
    new Map([['new', 'new']]),
  )
  const rows = merge(old, fresh)
    .split('\n')
    .filter((line) => /^[|-] /.test(line))
  expect(rows.map((row) => row.split(' | ').slice(0, 2).join(': '))).toEqual([
    '| what: value',
    '| durable sends over REST, 32 senders, 32 channels: 900 /s',
    '| durable sends over REST, one sender: 1600 /s',
    '| idle memory of backend, Next.js and PostgreSQL: 340 MB',
    '- kept: old',
    '- new: new',
  ])
})

test('a row without a target any more goes', () => {
  expect(merge('| something else | 1 |', '')).not.toContain('something else')
})
