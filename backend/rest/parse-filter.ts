import type { Condition, Filter, Operand, OrderTerm } from './ast'
import { parseFieldPath } from './parse-select'
import type { Scanner } from './scanner'

/** Operators that take `(any)` and `(all)`. */
export const QUANTIFIABLE = ['eq', 'gte', 'gt', 'lte', 'lt', 'like', 'ilike', 'match', 'imatch']
const SEARCH = ['fts', 'plfts', 'phfts', 'wfts']
const OPERATORS = new Set([
  ...QUANTIFIABLE,
  ...SEARCH,
  ...['neq', 'in', 'is', 'isdistinct', 'cs', 'cd', 'ov', 'sl', 'sr', 'nxr', 'nxl', 'adj'],
])
/** What `is` may be followed by. */
const IS_VALUES = ['null', 'not_null', 'true', 'false', 'unknown']
const MAX_DEPTH = 16

export type OperatorHead = Pick<Filter, 'not' | 'op' | 'quantifier' | 'language'>

const HEAD = /(not\.)?([a-z]+)(?:\(([^()]*)\))?\./y

/** `not.like(any).`: what comes before a filter's value; empty when the value does not begin with an operator. */
export function filterHead(value: string): string {
  const [head = '', op = ''] = /^(?:not\.)?([a-z]+)(?:\([^()]*\))?\./.exec(value) ?? []
  return OPERATORS.has(op) ? head : ''
}

/** Whether a value has the form of a filter; on `rpc` by GET everything else is an argument. */
export function looksLikeFilter(value: string): boolean {
  return value.startsWith('not.') || filterHead(value) !== ''
}

/** Reads everything of a filter that comes before its value. */
export function parseOperator(scan: Scanner): OperatorHead {
  const head = scan.match(HEAD)
  if (!head) return scan.fail('operator (eq, gt, ...)')
  const [, not, op = '', argument] = head
  if (!OPERATORS.has(op)) return scan.fail(`operator (eq, gt, ...), not ${JSON.stringify(op)}`)
  const parsed: OperatorHead = { not: not !== undefined, op }
  if (argument === undefined) return parsed
  if (SEARCH.includes(op)) parsed.language = argument
  else if (QUANTIFIABLE.includes(op) && (argument === 'any' || argument === 'all'))
    parsed.quantifier = argument
  else return scan.fail(`no (${argument}) after ${op}`)
  return parsed
}

/** Refuses what `is` cannot be compared with. */
export function checkIsValue(scan: Scanner, value: string): string {
  const lower = value.toLowerCase()
  if (!IS_VALUES.includes(lower)) scan.fail('null, not_null, true, false or unknown')
  return lower
}

/** `(a.eq.1,or(b.gt.2,not.and(c.is.null,d.in.(1,2))))` */
export function parseLogic(scan: Scanner, kind: 'and' | 'or', not: boolean, depth = 0): Condition {
  if (depth > MAX_DEPTH) scan.fail(`at most ${MAX_DEPTH} levels of and/or`)
  scan.expect('(')
  const terms: Condition[] = []
  do {
    scan.skipSpace()
    terms.push(parseTerm(scan, depth))
    scan.skipSpace()
  } while (scan.take(','))
  scan.expect(')')
  return { kind, not, terms }
}

function parseTerm(scan: Scanner, depth: number): Condition {
  const nested = scan.match(/(not\.)?(and|or)(?=\()/y)
  if (nested) return parseLogic(scan, nested[2] as 'and' | 'or', nested[1] !== undefined, depth + 1)
  const field = parseFieldPath(scan)
  scan.expect('.')
  const head = parseOperator(scan)
  return { kind: 'filter', field, ...head, value: parseLogicValue(scan, head) }
}

function parseLogicValue(scan: Scanner, { op, quantifier }: OperatorHead): Operand {
  if (op === 'in') return { text: bracketed(scan, '(', ')') }
  if (quantifier) return { text: bracketed(scan, '{', '}') }
  if (op === 'is') return { text: checkIsValue(scan, scan.match(/[a-zA-Z_]*/y)?.[0] ?? '') }
  if (scan.peek('"')) return { text: scan.quoted() }
  if (scan.peek('{')) return { text: bracketed(scan, '{', '}') }
  if (scan.peek('[') || scan.peek('(')) {
    const range = scan.match(/[[(][^,()[\]]*,[^,()[\]]*[\])]/y)
    if (range) return { text: range[0] }
    if (scan.peek('[')) return { text: bracketed(scan, '[', ']') }
  }
  return { text: scan.match(/[^,)]*/y)?.[0] ?? '' }
}

/** A text from `open` to the `close` that belongs to it; quotes may hold either. */
function bracketed(scan: Scanner, open: string, close: string): string {
  if (!scan.peek(open)) scan.fail(`"${open}"`)
  let text = ''
  let depth = 0
  do {
    const part = scan.match(/"(?:[^"\\]|\\.)*"|[^"]/sy)
    if (!part) return scan.fail(`"${close}"`)
    text += part[0]
    if (part[0] === open) depth++
    else if (part[0] === close) depth--
  } while (depth > 0)
  return text
}

/** The elements of `("a, b",c)`. */
export function parseList(scan: Scanner): string[] {
  scan.expect('(')
  const values: string[] = []
  if (scan.take(')')) return values
  do {
    scan.skipSpace()
    const quoted = scan.peek('"') ? scan.attempt(() => quotedElement(scan)) : null
    values.push(quoted ?? scan.match(/[^,)]*/y)?.[0] ?? '')
  } while (scan.take(','))
  scan.expect(')')
  scan.end()
  return values
}

/** A quoted element must be followed by a separator; otherwise its quotes are part of a bare value. */
function quotedElement(scan: Scanner): string {
  const value = scan.quoted()
  scan.skipSpace()
  if (!scan.peek(',') && !scan.peek(')')) scan.fail('"," or ")"')
  return value
}

/** `created_at.desc.nullslast,author(name).asc,data->>key` */
export function parseOrder(scan: Scanner): OrderTerm[] {
  const terms: OrderTerm[] = []
  do {
    scan.skipSpace()
    terms.push(parseOrderTerm(scan))
    scan.skipSpace()
  } while (scan.take(','))
  scan.end()
  return terms
}

function parseOrderTerm(scan: Scanner): OrderTerm {
  let field = parseFieldPath(scan)
  let relation: string | undefined
  if (field.path.length === 0 && scan.take('(')) {
    relation = field.name
    field = parseFieldPath(scan)
    scan.expect(')')
  }
  const term: OrderTerm = relation === undefined ? { field } : { relation, field }
  const [, direction, nulls] = scan.match(/(?:\.(asc|desc))?(?:\.nulls(first|last))?/y) ?? []
  if (direction) term.direction = direction as 'asc' | 'desc'
  if (nulls) term.nulls = nulls as 'first' | 'last'
  return term
}
