/** Operators of a `postgres_changes` filter. */
export const OPERATORS = [
  'eq',
  'neq',
  'lt',
  'lte',
  'gt',
  'gte',
  'in',
  'like',
  'ilike',
  'is',
  'match',
  'imatch',
  'isdistinct',
] as const

export type Operator = (typeof OPERATORS)[number]

export type Condition = { column: string; operator: Operator; negated: boolean; values: string[] }

/** A filter or binding that cannot be used; the message is for the client. */
export class BindingError extends Error {
  override readonly name = 'BindingError'
}

const MAX_IN = 100
const MAX_CONDITIONS = 20
const MAX_LENGTH = 10_000

/** Reads `col=op.value,col=not.op.value`: conditions that must all hold. @throws BindingError */
export function parseFilter(text: string): Condition[] {
  if (text === '') return []
  if (text.length > MAX_LENGTH) throw new BindingError('Error parsing `filter` params: too long')
  const segments = split(text)
  if (segments.length > MAX_CONDITIONS) {
    throw new BindingError(`Error parsing \`filter\` params: too many conditions, at most ${MAX_CONDITIONS}`)
  }
  return segments.map((segment) => {
    const match = /^\s*("(?:[^"\\]|\\.)+"|[^=\s]+)\s*=\s*(not\.)?([a-z]+)\.([\s\S]*)$/.exec(segment)
    const operator = match?.[3] as Operator | undefined
    if (!match || !operator || !OPERATORS.includes(operator)) throw invalid(segment)
    const [, column = '', not, , value = ''] = match
    return {
      column: unquote(column),
      operator,
      negated: not !== undefined,
      values: valuesOf(operator, value, segment),
    }
  })
}

function valuesOf(operator: Operator, value: string, segment: string): string[] {
  if (operator === 'in') {
    const list = /^\(([\s\S]*)\)$/.exec(value.trim())
    if (!list) throw invalid(segment)
    const values = split(list[1] ?? '').map((item) => unquote(item.trim()))
    if (values.length > MAX_IN)
      throw new BindingError(`Error parsing \`filter\` params: too many values for \`in\`, at most ${MAX_IN}`)
    return values
  }
  const single = unquote(value)
  if (operator === 'is' && !['null', 'true', 'false', 'unknown'].includes(single.toLowerCase())) {
    throw invalid(segment)
  }
  return [operator === 'is' ? single.toLowerCase() : single]
}

/** Cuts at commas that are neither in quotes nor in parentheses. An empty part is an error. */
function split(text: string): string[] {
  const parts: string[] = []
  let [start, depth, inQuotes] = [0, 0, false]
  for (let i = 0; i <= text.length; i++) {
    const char = text[i]
    if (inQuotes) {
      if (char === '\\') i += 1
      else if (char === '"') inQuotes = false
      else if (char === undefined) throw invalid(text)
      continue
    }
    if (char === '"') inQuotes = true
    else if (char === '(') depth += 1
    else if (char === ')') depth -= 1
    else if (char === undefined || (char === ',' && depth === 0)) {
      const part = text.slice(start, i)
      if (part.trim() === '') throw invalid(text)
      parts.push(part)
      start = i + 1
    }
  }
  return parts
}

function unquote(text: string): string {
  const quoted = /^"([\s\S]*)"$/.exec(text.trim())
  return quoted ? (quoted[1] ?? '').replace(/\\([\s\S])/g, '$1') : text
}

function invalid(segment: string): BindingError {
  return new BindingError(`Error parsing \`filter\` params: ${JSON.stringify(segment)}`)
}
