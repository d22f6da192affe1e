import type { Random } from './random'
import { ODD, type Vocabulary } from './vocabulary'

type Relation = Vocabulary['relations'][number]

const OPERATORS = [
  ...['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'like', 'ilike', 'match', 'imatch', 'is', 'in', 'isdistinct'],
  ...['fts', 'plfts', 'phfts', 'wfts', 'cs', 'cd', 'ov', 'sl', 'sr', 'nxr', 'nxl', 'adj'],
]
const COMMON = ['eq', 'neq', 'gt', 'lt', 'gte', 'in', 'is', 'isdistinct']
const HINTS = ['inner', 'inner', 'left', 'nope']
const VALUES = [
  ...[
    '1',
    '2',
    '0',
    '-5',
    '1.5',
    '9007199254740993',
    'Oslo',
    'Norway',
    'null',
    'true',
    'not_null',
    'unknown',
    '',
  ],
  ...[
    '{1,2}',
    '{a,"b c"}',
    '(1,2)',
    '("a","b")',
    '[1,2]',
    '[2000-01-01,2001-01-01)',
    '{"a": 1}',
    'now',
    'calm',
  ],
  ...[
    '2020-01-01',
    '2020-02-31',
    'a*b',
    '%o%',
    '^a+$',
    'a & b',
    '"quoted"',
    '00000000-0000-0000-0000-000000000001',
  ],
]

/** A query string that a client could send for a relation, or for a function with these arguments. */
export function generateQuery(
  random: Random,
  words: Vocabulary,
  relation: Relation,
  args: string[] | null,
): string {
  const params: string[] = []
  for (const name of args ?? []) if (random.chance(0.7)) params.push(`${name}=${value(random)}`)
  if (random.chance(0.7)) params.push(`select=${select(random, words, relation, 0)}`)
  const embeds = relation.related
  const prefix = () => (embeds.length > 0 && random.chance(0.06) ? `${random.pick(embeds)}.` : '')
  if (random.chance(0.6))
    params.push(...random.list(1, 3, () => `${prefix()}${field(random, relation)}=${filter(random)}`))
  if (random.chance(0.25))
    params.push(`${prefix()}${random.pick(['or', 'and', 'not.or', 'not.and'])}=${tree(random, relation, 0)}`)
  if (random.chance(0.3)) params.push(`${prefix()}order=${order(random, relation)}`)
  if (random.chance(0.3))
    params.push(`${prefix()}limit=${random.pick(random.chance(0.1) ? VALUES : ['0', '1', '10', '5000'])}`)
  if (random.chance(0.2))
    params.push(`${prefix()}offset=${random.pick(random.chance(0.1) ? VALUES : ['0', '1', '999999'])}`)
  if (random.chance(0.04))
    params.push(`on_conflict=${random.list(1, 2, () => column(random, relation)).join(',')}`)
  if (random.chance(0.04))
    params.push(`columns=${random.list(1, 3, () => column(random, relation)).join(',')}`)
  return params.map((param) => (random.chance(0.05) ? param : encoded(param))).join('&')
}

/** What would end a parameter or mean a character, as clients write it. */
function encoded(param: string): string {
  const equals = param.indexOf('=')
  const part = (text: string) => text.replace(/[&%+#]/g, encodeURIComponent)
  return `${part(param.slice(0, equals))}=${part(param.slice(equals + 1))}`
}

function column(random: Random, relation: Relation): string {
  if (random.chance(0.01)) return random.pick(ODD)
  return random.pick(relation.columns)
}

function field(random: Random, relation: Relation): string {
  const path = random.chance(0.12)
    ? random.list(1, 3, () => random.pick(['->a', '->>a', '->0', '->>-1', '->"x y"']))
    : []
  return column(random, relation) + path.join('')
}

function value(random: Random): string {
  return random.pick(random.chance(0.1) ? ODD : VALUES)
}

/** Mostly what the operator takes. */
function operand(random: Random, op: string, quantifier: string): string {
  if (random.chance(0.1)) return value(random)
  if (op === 'in') return `(${random.list(0, 3, () => random.pick(VALUES.slice(0, 8))).join(',')})`
  if (op === 'is') return random.pick(['null', 'not_null', 'true', 'unknown'])
  if (quantifier) return random.pick(['{1,2}', '{a,"b c"}', '{}'])
  if (random.chance(0.6)) return random.pick(VALUES.slice(0, 8))
  return value(random)
}

function filter(random: Random): string {
  const quantifier = random.chance(0.04) ? random.pick(['(any)', '(all)', '(english)', '(x)']) : ''
  const op = random.chance(0.01) ? 'nope' : random.pick(random.chance(0.7) ? COMMON : OPERATORS)
  return `${random.chance(0.15) ? 'not.' : ''}${op}${quantifier}.${operand(random, op, quantifier)}`
}

function tree(random: Random, relation: Relation, depth: number): string {
  const terms = random.list(1, 3, () =>
    depth < 4 && random.chance(0.3)
      ? `${random.pick(['and', 'or', 'not.and', 'not.or'])}${tree(random, relation, depth + 1)}`
      : `${field(random, relation)}.${filter(random)}`,
  )
  return `(${terms.join(',')})`
}

function order(random: Random, relation: Relation): string {
  const terms = random.list(1, 3, () => {
    const by = field(random, relation)
    const related = relation.related.length > 0 && random.chance(0.06)
    const term = related ? `${random.pick(relation.related)}(${by})` : by
    return `${term}${random.pick(random.chance(0.02) ? ['.nope'] : ['', '.asc', '.desc'])}${random.pick(['', '.nullsfirst', '.nullslast'])}`
  })
  return terms.join(',')
}

const AGGREGATES = ['.sum()', '.avg()', '.min()', '.max()', '.count()', '.min()::text', '.nope()']

function select(random: Random, words: Vocabulary, relation: Relation, depth: number): string {
  const items = random.list(1, 4, () => {
    const alias = random.chance(0.15)
      ? `${random.chance(0.08) ? random.pick(ODD) : random.pick(['a', 'name', 't', 'src', 'select'])}:`
      : ''
    const kind = random.below(10)
    if (kind < 1) return '*'
    if (kind < 2) return `${alias}count()`
    if (kind < 5 && relation.related.length > 0 && depth < 4) {
      const target = random.pick(relation.related)
      const inner = words.relations.find((r) => r.name === target) ?? relation
      const hint = random.chance(0.3) ? `!${random.pick([...relation.hints, ...HINTS])}` : ''
      const spread = random.chance(0.25) ? '...' : alias
      return `${spread}${target}${hint}(${random.chance(0.1) ? '' : select(random, words, inner, depth + 1)})`
    }
    const cast = random.chance(0.15)
      ? `::${random.pick(random.chance(0.5) ? words.types : ['text', 'json', 'int8', 'numeric', 'text[]'])}${random.chance(0.05) ? '[]' : ''}`
      : ''
    return `${alias}${field(random, relation)}${cast}${random.chance(0.12) ? random.pick(AGGREGATES) : ''}`
  })
  return items.join(',')
}
