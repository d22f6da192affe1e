import { isTooDeep } from '../json-depth'
import { RestError } from './errors'

/** A request's body, ready for PostgreSQL: an array of objects, or the arguments of a call. */
export type Payload = { json: string; keys: string[] }

function invalid(message: string): RestError {
  return new RestError(400, 'PGRST102', message)
}

function parse(text: string): unknown {
  if (isTooDeep(text)) throw invalid('The json is nested too deeply')
  try {
    return JSON.parse(text)
  } catch {
    throw invalid('Empty or invalid json')
  }
}

/** Rows to insert, or the values of an update; with the query's `columns` the keys of the objects do not matter. */
export function rowsPayload(text: string, hasColumns: boolean): Payload {
  // PostgreSQL reads the text anyway: here it is parsed only where its keys make the statement.
  if (hasColumns) return { json: /^\s*\[/.test(text) ? text : `[${text}]`, keys: [] }
  const value = parse(text)
  const rows = Array.isArray(value) ? value : [value]
  if (!rows.every(isObject)) throw invalid('All elements of the body must be objects')
  const [first] = rows
  const keys = first ? Object.keys(first) : []
  const same = rows.every((row) => {
    const names = Object.keys(row)
    return names.length === keys.length && keys.every((key) => Object.hasOwn(row, key))
  })
  if (!same) throw invalid('All object keys must match')
  return { json: Array.isArray(value) ? text : `[${text}]`, keys: keys.sort() }
}

/** Arguments of a function; null when the body is JSON but no object. */
export function callPayload(text: string): Payload | null {
  if (text.trim() === '') return { json: '{}', keys: [] }
  const value = parse(text)
  return isObject(value) ? { json: text, keys: Object.keys(value).sort() } : null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The rows of a CSV with a header line, as objects of texts; an unquoted `NULL` is null. */
export function csvToJson(text: string): string {
  const [header, ...rows] = csvRows(text)
  if (!header) throw invalid('Empty or invalid csv')
  const names = header.map((field) => field ?? '')
  const objects = rows.map((row) => {
    if (row.length !== names.length) throw invalid('All lines must have same number of fields')
    return Object.fromEntries(names.map((name, i) => [name, row[i] ?? null]))
  })
  return JSON.stringify(objects)
}

function csvRows(text: string): (string | null)[][] {
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y
  const rows: (string | null)[][] = []
  let row: (string | null)[] = []
  while (field.lastIndex < text.length) {
    const found = field.exec(text)
    if (!found) throw invalid('Empty or invalid csv')
    const [, quoted, bare = '', end] = found
    row.push(quoted !== undefined ? quoted.replaceAll('""', '"') : bare === 'NULL' ? null : bare)
    if (end === ',') {
      if (field.lastIndex === text.length) row.push('')
      else continue
    }
    rows.push(row)
    row = []
  }
  return rows
}

/** A posted form, as one object of texts. */
export function formToJson(text: string): string {
  return JSON.stringify(Object.fromEntries(new URLSearchParams(text)))
}
