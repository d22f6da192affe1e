import type { PolicyRow } from './policies'

export type ScopedColumn = { name: string; sqlType: string }

/** The policies' question about one row, of which only some values are known. */
export type Probe = {
  /** Answers true or false for whoever the connection is; the values are in `$1`. */
  single: string
  /** null: it can be asked about one person after another only. */
  joint: Joint | null
}

/** The same question about many people in one query, which costs a fiftieth of asking one after another. */
export type Joint = {
  /** What the policies call to learn who asks, such as `auth.uid()`. */
  calls: string[]
  /**
   * `$1`: the values. `$2`: what the first call answers to each person, then what the second does, and so on. `$3`: how
   * many people. The answer is the numbers, from 1, of those who may see the row: `1,4,5`; null for nobody.
   */
  query: string
}

/** No policy can use this name by accident. */
const WHO = '"realtime who"'

/** The policies' own expressions over a row that has these columns and nothing else, for a role. */
export function probeOf(table: string, policies: PolicyRow[], columns: ScopedColumn[], role: string): Probe {
  const binding = policies.filter((policy) => policy.roles.includes(role))
  const row = columns.map(({ name, sqlType }, i) => `($1)[${i + 1}]::${sqlType} as ${quoteIdent(name)}`)
  const ask = (condition: string) =>
    `exists (select 1 from (select ${row.join(', ')}) as ${quoteIdent(table)} where ${condition})`
  const condition = conditionOf(binding)
  if (condition === null) return { single: 'select false', joint: null }
  return { single: `select ${ask(condition)}`, joint: jointOf(binding, condition, ask) }
}

function conditionOf(binding: PolicyRow[]): string | null {
  const expressions = (permissive: boolean) =>
    binding.filter((policy) => policy.permissive === permissive).map((policy) => `(${policy.using})`)
  const permissive = expressions(true)
  if (permissive.length === 0) return null
  return [`(${permissive.join(' or ')})`, ...expressions(false)].join(' and ')
}

/**
 * Whoever asks is known to the policies by what their calls answer. With each person's answers in place of the calls,
 * the expression is a join. That is right only if nothing else in it looks at the caller.
 */
function jointOf(binding: PolicyRow[], condition: string, ask: (condition: string) => string): Joint | null {
  if (binding.some(({ opaque }) => opaque) || /\bcurrent_setting\(/.test(condition)) return null
  const types = new Map(binding.flatMap(({ calls }) => calls))
  const calls = [...types.keys()]
  const answers = [...types.values()].map((type, i) => `($2)[${i} * $3 + 1:${i + 1} * $3]::${type}[]`)
  const names = answers.map((_, i) => `c${i + 1}`)
  const people = calls.length > 0 ? `unnest(${answers.join(', ')}) with ordinality` : 'generate_series(1, $3)'
  return {
    calls,
    query: `select string_agg(n::text, ',') from ${people} as ${WHO} (${[...names, 'n'].join(', ')}) where ${ask(inPlace(condition, calls))}`,
  }
}

/** Puts a person's answers where the calls are, and leaves what is quoted as it is. */
function inPlace(condition: string, calls: string[]): string {
  const named = calls.map((call) => call.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')
  if (named === '') return condition
  const places = new RegExp(
    `\\( SELECT (${named}) AS \\w+\\)|(?<![\\w".])(${named})|'(?:[^']|'')*'|"(?:[^"]|"")*"`,
    'g',
  )
  return condition.replace(places, (found, selected?: string, called?: string) => {
    const call = selected ?? called
    return call === undefined ? found : `${WHO}.c${calls.indexOf(call) + 1}`
  })
}

export function quoteIdent(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
