import type { Random } from './random'
import { ODD } from './vocabulary'

/** A body: mostly objects with names that are known, as JSON, and now and then something else. */
export function generateBody(random: Random, names: string[]): string {
  const kind = random.below(60)
  if (kind === 0) return ''
  if (kind === 1) return csv(random, names)
  if (kind === 2) return names.map((name) => `${name}=${random.pick(ODD)}`).join('&')
  if (kind === 3)
    return random.pick([
      'null',
      '1',
      '"x"',
      '[]',
      '{}',
      '[[]]',
      '[1,{}]',
      '{"":1}',
      '{"a":1,"a":2}',
      '[{},{"a":1}]',
    ])
  if (kind === 4) return `${'['.repeat(1 + random.below(3000))}`
  const keys = random.list(0, 4, () =>
    random.chance(0.02) ? random.pick(ODD) : random.pick(names.length > 0 ? names : ['id']),
  )
  const row = () => Object.fromEntries(keys.map((key) => [key, json(random, 0)]))
  return JSON.stringify(random.chance(0.3) ? random.list(0, 4, row) : row())
}

function json(random: Random, depth: number): unknown {
  const kind = random.below(depth > 4 ? 8 : 10)
  if (kind < 2) return random.pick([1, 2, 0, -1, 1.5, 2 ** 31, 2 ** 53, 1e300, -0])
  if (kind < 5) return random.pick(ODD)
  if (kind < 6) return random.pick([true, false, null])
  if (kind < 8)
    return random.pick([
      'Oslo',
      '2020-01-01',
      '{1,2}',
      '[1,5)',
      'NO',
      'calm',
      '\u0000',
      '00000000-0000-0000-0000-000000000001',
    ])
  if (kind < 9) return random.list(0, 3, () => json(random, depth + 1))
  return Object.fromEntries(random.list(0, 3, () => [random.pick(ODD), json(random, depth + 1)]))
}

function csv(random: Random, names: string[]): string {
  const line = () => names.map(() => random.pick(['1', 'NULL', '""', '"a,b"', '"', 'x', ''])).join(',')
  return [names.join(','), ...random.list(0, 3, line)].join(random.pick(['\n', '\r\n', '\r']))
}
