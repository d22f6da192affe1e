import { rangeError } from './errors'
import { count } from './sql'

/** The rows of the root that a request asks for. */
export type Range = { offset: number; limit: number | null }

/** Brings together `limit`, `offset` and, on GET, the `Range` header, which is narrowed by the others. */
export function requestedRange(limit: string | null, offset: string | null, header: string | null): Range {
  const start = offset === null ? 0 : Number(count(offset, 'offset'))
  const rows = limit === null ? null : Number(count(limit, 'limit'))
  const found = /^(?:items=)?(\d{1,15})-(\d{1,15})?$/.exec(header?.trim() ?? '')
  if (!found) return { offset: start, limit: rows }
  const from = Number(found[1])
  const to = found[2] === undefined ? null : Number(found[2])
  if (to !== null && to < from)
    throw rangeError(
      'The lower boundary must be lower than or equal to the upper boundary in the Range header.',
    )
  const end = least(to === null ? null : to + 1, rows === null ? null : start + rows)
  const first = Math.max(from, start)
  return { offset: first, limit: end === null ? null : Math.max(0, end - first) }
}

function least(a: number | null, b: number | null): number | null {
  if (a === null) return b
  return b === null ? a : Math.min(a, b)
}

/** `0-9/100`: which rows an answer holds, and of how many. */
export function contentRange(offset: number, rows: number, total: number | null): string {
  const span = rows > 0 ? `${offset}-${offset + rows - 1}` : '*'
  return `${span}/${total ?? '*'}`
}

/** 200 when an answer holds all there is, 206 when not; asking beyond the end throws. */
export function rangeStatus(offset: number, rows: number, total: number | null): 200 | 206 {
  if (total === null) return 200
  if (offset > total)
    throw rangeError(`An offset of ${offset} was requested, but there are only ${total} rows.`)
  return rows < total ? 206 : 200
}
