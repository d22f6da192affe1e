import type { Level, Operand, Query } from './ast'
import { RestError } from './errors'
import {
  checkIsValue,
  filterHead,
  looksLikeFilter,
  parseLogic,
  parseOperator,
  parseOrder,
} from './parse-filter'
import { parseFieldPath, parseSelect } from './parse-select'
import { Scanner } from './scanner'

/** A query string cut into its parameters; in `shape` every value is left out that does not change the SQL. */
export type SplitQuery = {
  params: { key: string; value: string; slot: number }[]
  values: string[]
  shape: string
}

const VERBATIM = new Set(['select', 'columns', 'on_conflict'])

/** Decodes and cuts a query string (without its `?`). */
export function splitQuery(search: string): SplitQuery {
  const params: SplitQuery['params'] = []
  const values: string[] = []
  let shape = ''
  for (const pair of search.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const key = decode(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1))
    if (key === 'apikey') continue
    const kept = shapeOf(key, value)
    const slot = kept.length === value.length ? -1 : values.push(value.slice(kept.length)) - 1
    params.push({ key, value, slot })
    shape += `&${encodeURIComponent(key)}=${encodeURIComponent(kept)}${slot < 0 ? '' : '?'}`
  }
  return { params, values, shape }
}

/** The part of a value that the SQL text depends on. */
function shapeOf(key: string, value: string): string {
  if (VERBATIM.has(key)) return value
  const last = key.slice(key.lastIndexOf('.') + 1)
  if (last === 'limit' || last === 'offset') return ''
  if (last === 'order' || last === 'and' || last === 'or') return value
  const head = filterHead(value)
  return /^(?:not\.)?is\.$/.test(head) ? value : head
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    throw new RestError(400, 'PGRST100', 'The query string is not valid percent-encoded UTF-8', {
      details: `unexpected ${JSON.stringify(text.slice(0, 100))}`,
    })
  }
}

/** Parses the parameters of a request; `isCall` when they may be a function's arguments (`rpc` by GET). */
export function parseQuery(split: SplitQuery, isCall: boolean): Query {
  const query: Query = { select: [{ kind: 'star' }], root: { conditions: [] }, embeds: [], args: [] }
  for (const { key, value, slot } of split.params) {
    const operand: Operand = slot < 0 ? { text: '' } : { slot }
    if (key === 'select') query.select = parseSelect(new Scanner(value, 'select parameter'))
    else if (key === 'columns') query.columns = parseNames(value, 'columns parameter')
    else if (key === 'on_conflict') query.onConflict = parseNames(value, 'on_conflict parameter')
    else if (isCall && !isReserved(key) && !key.includes('.') && !looksLikeFilter(value))
      query.args.push({ name: key, value: operand })
    else parseLevel(query, key, value, operand)
  }
  return query
}

function isReserved(key: string): boolean {
  return /(?:^|\.)(?:order|limit|offset|and|or)$/.test(key)
}

function parseNames(value: string, what: string): string[] {
  const scan = new Scanner(value, what)
  const names: string[] = []
  do {
    scan.skipSpace()
    names.push(scan.name())
    scan.skipSpace()
  } while (scan.take(','))
  scan.end()
  return [...new Set(names)]
}

/** A parameter of one level: `posts.comments.id=eq.1`, `posts.order=id`, `not.or=(…)`, `limit=5`. */
function parseLevel(query: Query, key: string, value: string, operand: Operand): void {
  const scan = new Scanner(key, 'tree path')
  const path: string[] = []
  let field = parseFieldPath(scan)
  while (field.path.length === 0 && scan.take('.')) {
    path.push(field.name)
    field = parseFieldPath(scan)
  }
  scan.end()
  const word = field.path.length === 0 ? field.name : ''
  if (word === 'and' || word === 'or') {
    const not = path.at(-1) === 'not'
    const tree = new Scanner(value, 'logic tree')
    const logic = parseLogic(tree, word, not)
    tree.end()
    levelOf(query, not ? path.slice(0, -1) : path).conditions.push(logic)
    return
  }
  const level = levelOf(query, path)
  if (word === 'order') level.order = parseOrder(new Scanner(value, 'order'))
  else if (word === 'limit') level.limit = operand
  else if (word === 'offset') level.offset = operand
  else {
    const filter = new Scanner(value, 'filter')
    const head = parseOperator(filter)
    const text = head.op === 'is' ? { text: checkIsValue(filter, filter.rest()) } : operand
    level.conditions.push({ kind: 'filter', field, ...head, value: text })
  }
}

function levelOf(query: Query, path: string[]): Level {
  if (path.length === 0) return query.root
  const found = query.embeds.find(
    (e) => e.path.length === path.length && e.path.every((p, i) => p === path[i]),
  )
  if (found) return found.level
  const level: Level = { conditions: [] }
  query.embeds.push({ path, level })
  return level
}
