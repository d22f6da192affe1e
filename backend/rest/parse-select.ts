import { AGGREGATES, type EmbedItem, type Field, type FieldItem, type JsonStep, type SelectItem } from './ast'
import type { Scanner } from './scanner'

/** Deeper nesting than anybody writes; a bound for the recursion here and in the compiler. */
const MAX_DEPTH = 12

/** `id,name:full_name,data->>key::int,posts!fk!inner(id),...author(name)` */
export function parseSelect(scan: Scanner): SelectItem[] {
  if (scan.done) return []
  const items = parseItems(scan, 0)
  scan.end()
  return items
}

function parseItems(scan: Scanner, depth: number): SelectItem[] {
  if (depth > MAX_DEPTH) scan.fail(`at most ${MAX_DEPTH} levels of embedding`)
  const items: SelectItem[] = []
  do {
    scan.skipSpace()
    items.push(parseItem(scan, depth))
    scan.skipSpace()
  } while (scan.take(','))
  return items
}

function parseItem(scan: Scanner, depth: number): SelectItem {
  if (scan.take('...')) return parseEmbed(scan, depth, scan.name(), undefined, true)
  if (scan.take('*')) return { kind: 'star' }
  if (scan.peek('count()')) return parseField(scan, undefined, '')
  const first = scan.name()
  if (!scan.peek('::') && scan.take(':')) {
    if (scan.peek('count()')) return parseField(scan, first, '')
    const name = scan.name()
    return startsEmbed(scan) ? parseEmbed(scan, depth, name, first, false) : parseField(scan, first, name)
  }
  return startsEmbed(scan)
    ? parseEmbed(scan, depth, first, undefined, false)
    : parseField(scan, undefined, first)
}

function startsEmbed(scan: Scanner): boolean {
  return scan.peek('(') || scan.peek('!')
}

function parseEmbed(
  scan: Scanner,
  depth: number,
  target: string,
  alias: string | undefined,
  spread: boolean,
): EmbedItem {
  const embed: EmbedItem = { kind: 'embed', target, spread, items: [] }
  if (alias !== undefined) embed.alias = alias
  while (scan.take('!')) {
    const word = scan.name()
    if (word === 'inner' || word === 'left') embed.join = word
    else if (embed.hint === undefined) embed.hint = word
    else scan.fail('"(", !inner or !left')
  }
  scan.expect('(')
  scan.skipSpace()
  if (!scan.take(')')) {
    embed.items = parseItems(scan, depth + 1)
    scan.expect(')')
  }
  return embed
}

function parseField(scan: Scanner, alias: string | undefined, name: string): FieldItem {
  const item: FieldItem = { kind: 'field', field: null }
  if (alias !== undefined) item.alias = alias
  if (name === '') {
    scan.expect('count()')
    item.aggregate = 'count'
  } else {
    item.field = { name, path: parseJsonPath(scan) }
    if (scan.take('::')) item.cast = parseCast(scan)
    if (scan.take('.')) item.aggregate = parseAggregate(scan)
  }
  if (item.aggregate && scan.take('::')) item.aggregateCast = parseCast(scan)
  return item
}

function parseAggregate(scan: Scanner): FieldItem['aggregate'] {
  const found = AGGREGATES.find((name) => scan.take(`${name}()`))
  return found ?? scan.fail('sum(), avg(), count(), max() or min()')
}

/** A type's name as it is written after `::`; whether there is such a type is the catalogue's to say. */
function parseCast(scan: Scanner): string {
  return scan.match(/[\p{L}_][\p{L}\p{N}_ ]*(?:\[\])?/uy)?.[0].trim() ?? scan.fail('a type')
}

/** A column, then any number of `->key` and `->>key`. */
export function parseFieldPath(scan: Scanner): Field {
  return { name: scan.name(), path: parseJsonPath(scan) }
}

function parseJsonPath(scan: Scanner): JsonStep[] {
  const path: JsonStep[] = []
  while (scan.peek('->')) {
    const arrow = scan.take('->>') ? '->>' : '->'
    if (arrow === '->') scan.take('->')
    const index = scan.match(/-?\d+(?=$|->|::|[.,:)])/y)
    path.push({ arrow, key: index ? Number(index[0]) : jsonKey(scan) })
  }
  return path
}

function jsonKey(scan: Scanner): string {
  if (scan.peek('"')) return scan.quoted()
  return (
    scan.match(/(?:[^\s"(),.:>-]|-(?!>)|(?<=[^\s"(),.:>-]) (?=[^\s"(),.:>-]))+/uy)?.[0] ??
    scan.fail('a JSON key or index')
  )
}
