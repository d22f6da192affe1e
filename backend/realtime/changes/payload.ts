import type { Relation, RowChange, Tuple } from '../wal/pgoutput'
import type { Table } from './catalogue'
import { type JsonType, toJson } from './json-values'

/** A row change joined with what is known of its table. */
export type Change = {
  table: Table
  type: 'INSERT' | 'UPDATE' | 'DELETE'
  committedAt: string
  /** Column names in the order of the tuples. */
  names: string[]
  /** Oids of their types, as the stream printed them. */
  types: number[]
  /** Positions by name. */
  at: Map<string, number>
  old: Tuple | null
  new: Tuple | null
}

/** Longer values are left out of a record that is too large. */
const LONG_VALUE = 64

const TYPES = { insert: 'INSERT', update: 'UPDATE', delete: 'DELETE' } as const

type Layout = Pick<Change, 'names' | 'types' | 'at'>

const layouts = new WeakMap<Relation, Layout>()

export function changeOf(table: Table, row: RowChange, committedAt: Date): Change {
  return {
    table,
    type: TYPES[row.tag],
    committedAt: committedAt.toISOString(),
    ...layoutOf(row.relation),
    old: row.old,
    new: row.new,
  }
}

function layoutOf(relation: Relation): Layout {
  let layout = layouts.get(relation)
  if (!layout) {
    const names = relation.columns.map(({ name }) => name)
    const types = relation.columns.map(({ typeOid }) => typeOid)
    layout = { names, types, at: new Map(names.map((name, i) => [name, i])) }
    layouts.set(relation, layout)
  }
  return layout
}

/** A value of the row as filters see it: the new row, or what is known of a deleted one. */
export function fieldOf(change: Change, column: string): string | null | undefined {
  const i = change.at.get(column)
  return i === undefined ? undefined : (change.new ?? change.old)?.[i]
}

/** Values of some columns of a tuple; null when one is not in the stream. */
export function valuesOf(change: Change, tuple: Tuple | null, columns: string[]): (string | null)[] | null {
  if (!tuple) return null
  const values = columns.map((name) => {
    const i = change.at.get(name)
    return i === undefined ? undefined : tuple[i]
  })
  return values.includes(undefined) ? null : (values as (string | null)[])
}

/**
 * The `data` of a change as JSON text, with these columns only. `oldColumns`: what of the old row may be told; the
 * stream itself holds no more of it than the replica identity.
 */
export function dataJson(
  change: Change,
  columns: Set<string>,
  oldColumns: Set<string>,
  maxBytes: number,
): string {
  const { table, type, committedAt } = change
  const { described } = shownOf(change, columns)
  const tooLarge = sizeOf(change) > maxBytes
  const errors = tooLarge ? '["Error 413: Payload Too Large"]' : 'null'
  const old = change.old ?? (type === 'UPDATE' ? keyOnly(change) : null)
  const parts = [
    `"schema":${JSON.stringify(table.schema)}`,
    `"table":${JSON.stringify(table.name)}`,
    `"commit_timestamp":"${committedAt}"`,
    `"type":"${type}"`,
    `"columns":${described}`,
  ]
  if (change.new) parts.push(`"record":${recordJson(change, change.new, columns, tooLarge)}`)
  if (old && type !== 'INSERT') parts.push(`"old_record":${recordJson(change, old, oldColumns, tooLarge)}`)
  parts.push(`"errors":${errors}`)
  return `{${parts.join(',')}}`
}

/** What of a table is shown: its columns as JSON, and each one's key and type, null where it is not shown. */
type Shown = {
  table: Table
  names: string[]
  described: string
  fields: ({ key: string; json: JsonType } | null)[]
}

const shown = new WeakMap<Set<string>, Shown>()

/**
 * Made once for all changes of a table: the set of what a role may read is the same object until the schema changes.
 * What is known of the schema may be newer than a change: a value of another type is another column's, or was printed
 * in another way, and is not shown.
 */
function shownOf({ table, names, types }: Change, columns: Set<string>): Shown {
  const known = shown.get(columns)
  if (known?.table === table && known.names === names) return known
  const found = names.map((name, i) => {
    const column = columns.has(name) ? table.columns.get(name) : undefined
    return column?.typeOid === types[i] ? column : undefined
  })
  const listed = names.flatMap((name, i) => (found[i] ? { name, type: found[i].type } : []))
  const fields = found.map((column, i) =>
    column ? { key: `${JSON.stringify(names[i])}:`, json: column.json } : null,
  )
  const made = { table, names, described: JSON.stringify(listed), fields }
  shown.set(columns, made)
  return made
}

function recordJson(change: Change, tuple: Tuple, columns: Set<string>, short: boolean): string {
  const told: string[] = []
  for (const [i, field] of shownOf(change, columns).fields.entries()) {
    const value = tuple[i]
    if (value === undefined || !field) continue
    if (short && value !== null && value.length > LONG_VALUE) continue
    told.push(field.key + toJson(field.json, value))
  }
  return `{${told.join(',')}}`
}

/** An update that did not touch its key is sent without the old one: it is that of the new row. */
function keyOnly({ names, table, new: row }: Change): Tuple {
  return names.map((name, i) => (table.key.includes(name) ? row?.[i] : undefined))
}

function sizeOf({ old, new: row }: Change): number {
  let size = 0
  for (const value of [...(old ?? []), ...(row ?? [])]) size += value?.length ?? 0
  return size
}
