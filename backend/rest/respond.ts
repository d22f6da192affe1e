import type { CallerError } from '../caller'
import type { BatchResult } from './batch'
import { customHeaders, RestError, validStatus } from './errors'
import type { Decide } from './executor'
import type { Answer } from './http'
import { JSON_TYPE } from './media'
import { MAX_ANSWER_BYTES, type Plan } from './plan'
import { appliedPreferences, type Preferences } from './preferences'
import { contentRange, rangeStatus } from './range'
import type { RestRequest } from './request'
import type { Bindings } from './sql'

/** What the statement of a request returned. */
export type Outcome = {
  rows: number
  /** Reads: all there are, if counted. Inserts: those that were there already. Updates, deletes: all that changed. */
  total: number | null
  body: string | null
  headers: string | null
  status: string | null
}

/** Reads the outcome out of the answers to [context, statement, estimate]. */
export function outcomeOf(
  { preferences }: RestRequest,
  { media }: Plan,
  maxRows: number | null,
  result: BatchResult,
): Outcome {
  if (media.explain) {
    const body = (result[1] ?? []).map(([line]) => line).join('\n')
    return { rows: 1, total: null, body, headers: null, status: null }
  }
  const [rows, total, body = null, headers = null, status = null, size] = result[1]?.[0] ?? []
  if (body === null && size != null)
    throw new RestError(
      400,
      'response_too_large',
      `The answer would be larger than ${MAX_ANSWER_BYTES} bytes`,
      {
        hint: 'Ask for fewer rows or columns at a time.',
      },
    )
  const counted = total == null ? null : Number(total)
  const estimate = result[2]?.[0]?.[0]
  return {
    rows: Number(rows ?? 0),
    total: estimate == null ? counted : estimated(preferences, counted, estimate, maxRows),
    body,
    headers,
    status,
  }
}

function estimated(
  { count }: Preferences,
  counted: number | null,
  explained: string,
  maxRows: number | null,
): number {
  const [
    {
      Plan: { 'Plan Rows': planned },
    },
  ] = JSON.parse(explained) as [{ Plan: { 'Plan Rows': number } }]
  if (count === 'planned' || counted === null || maxRows === null) return planned
  return counted <= maxRows ? counted : Math.max(counted, planned)
}

/**
 * What must hold of the result for the transaction to be kept; null when nothing can stand against it.
 *
 * Only such requests pay for a second round trip.
 */
export function verdict(asked: RestRequest, { access, routine, media }: Plan): Decide | null {
  const { preferences, method } = asked
  const rollback = preferences.tx === 'rollback'
  if (media.explain) return rollback ? () => false : null
  const maxAffected = preferences.handling === 'strict' ? preferences['max-affected'] : undefined
  const single = media.kind === 'object' && (!routine || routine.set)
  if (maxAffected !== undefined && routine && !routine.set)
    throw new RestError(
      400,
      'PGRST128',
      'Function must return SETOF or TABLE when max-affected preference is used with handling=strict',
    )
  const bounded = maxAffected !== undefined && (routine || method === 'PATCH' || method === 'DELETE')
  if (access === 'read' || (!rollback && !single && !bounded && method !== 'PUT')) return null
  return (result) => {
    // Behind [begin] was cut off: [context, statement].
    const [shown, total] = result[1]?.[0] ?? []
    const rows = Number(shown ?? 0)
    const affected = routine ? rows : Number(total ?? 0)
    if (single) requireOne(rows)
    if (bounded && affected > (maxAffected ?? 0))
      throw new RestError(400, 'PGRST124', 'Query result exceeds max-affected preference constraint', {
        details: `The query affects ${affected} rows`,
      })
    if (method === 'PUT' && rows !== 1)
      throw new RestError(400, 'PGRST115', 'Payload values do not match URL in primary key column(s)')
    return !rollback
  }
}

function requireOne(rows: number): void {
  if (rows === 1) return
  throw new RestError(406, 'PGRST116', 'Cannot coerce the result to a single JSON object', {
    details: `The result contains ${rows} rows`,
  })
}

/** The answer to a request that succeeded. */
export function respond(asked: RestRequest, plan: Plan, bindings: Bindings, outcome: Outcome): Answer {
  const { method, schema, profiled } = asked
  const { media } = plan
  if (media.explain)
    return { status: 200, headers: { 'content-type': media.contentType }, body: outcome.body }
  if (media.kind === 'object' && plan.access === 'read' && (!plan.routine || plan.routine.set))
    requireOne(outcome.rows)
  const { status, headers, withBody } = describe(asked, plan, Number(bindings.offset), outcome)
  if (withBody) {
    headers['content-type'] = media.contentType
    if (profiled) headers['content-profile'] = schema
    // What a function calls a page must not run on the origin of the product.
    if (media.custom) headers['content-security-policy'] = 'sandbox'
  }
  const applied = appliedPreferences(asked.preferences, APPLIED[plan.routine ? 'CALL' : method] ?? [])
  if (applied !== null) headers['preference-applied'] = applied
  Object.assign(headers, responseHeaders(outcome.headers))
  const text = withBody && method !== 'HEAD' ? outcome.body : null
  const body = text !== null && media.custom?.bytes ? Buffer.from(text, 'hex') : text
  return { status: responseStatus(outcome.status) ?? status, headers, body }
}

const COMMON = ['count', 'tx', 'handling', 'timezone'] as const
const APPLIED: Record<string, readonly (keyof Preferences)[]> = {
  GET: COMMON,
  HEAD: COMMON,
  CALL: [...COMMON, 'max-affected'],
  POST: [...COMMON, 'resolution', 'return', 'missing'],
  PUT: [...COMMON, 'return'],
  PATCH: [...COMMON, 'return', 'missing', 'max-affected'],
  DELETE: [...COMMON, 'return', 'max-affected'],
}

type Description = { status: number; headers: Record<string, string>; withBody: boolean }

function describe(asked: RestRequest, plan: Plan, offset: number, outcome: Outcome): Description {
  const { method, preferences } = asked
  const { rows, total } = outcome
  const representation = preferences.return === 'representation'
  if (plan.routine || method === 'GET' || method === 'HEAD') {
    const headers = { 'content-range': contentRange(offset, rows, total) }
    if (plan.routine?.kind === 'void') return { status: 204, headers, withBody: false }
    return { status: rangeStatus(offset, rows, total), headers, withBody: true }
  }
  switch (method) {
    case 'POST': {
      const headers: Record<string, string> = { 'content-range': `*/${preferences.count ? rows : '*'}` }
      const location = insertLocation(asked, outcome)
      if (location) headers.location = location
      const nothingNew = preferences.resolution === 'merge-duplicates' && rows - (total ?? 0) <= 0
      return { status: nothingNew ? 200 : 201, headers, withBody: representation }
    }
    case 'PUT':
      return { status: representation ? (total ? 200 : 201) : 204, headers: {}, withBody: representation }
    case 'PATCH': {
      const headers = { 'content-range': contentRange(0, total ?? 0, preferences.count ? total : null) }
      return { status: representation ? 200 : 204, headers, withBody: representation }
    }
    case 'DELETE':
      return {
        status: representation ? 200 : 204,
        headers: { 'content-range': `*/${preferences.count ? total : '*'}` },
        withBody: representation,
      }
  }
}

/** Where the row just made can be read, when `return=headers-only` asked for it. */
function insertLocation({ target, preferences }: RestRequest, { body, rows }: Outcome): string | null {
  if (preferences.return !== 'headers-only' || body === null || rows !== 1) return null
  const [key = {}] = JSON.parse(body) as Record<string, string | null>[]
  const pairs = Object.entries(key).map(([column, value]) => {
    const condition = value === null ? 'is.null' : `eq.${value}`
    return `${encodeURIComponent(column)}=${encodeURIComponent(condition)}`
  })
  return `/${encodeURIComponent(target?.name ?? '')}?${pairs.join('&')}`
}

/** Headers that a function set with `set_config('response.headers', '[{"name": "value"}]', true)`. */
function responseHeaders(json: string | null): Record<string, string> {
  if (json === null) return {}
  try {
    const entries = (JSON.parse(json) as Record<string, unknown>[]).map((one) => {
      const [entry, ...more] = Object.entries(one)
      if (!entry || more.length > 0) throw new TypeError('not one header')
      return entry
    })
    return customHeaders(entries)
  } catch {
    throw new RestError(
      500,
      'PGRST111',
      'response.headers guc must be a JSON array composed of objects with a single key and a string value',
    )
  }
}

function responseStatus(text: string | null): number | null {
  if (text === null) return null
  const status = Number(text)
  if (validStatus(status)) return status
  throw new RestError(500, 'PGRST112', 'response.status guc must be a valid status code')
}

/** The answer to a request that failed. */
export function errorAnswer(error: RestError): Answer {
  return {
    status: error.status,
    headers: { 'content-type': JSON_TYPE, ...error.headers },
    body: error.body(),
  }
}

/** The answer to a request whose sender is not known. */
export function callerAnswer({ status, body, extra }: CallerError): Answer {
  return { status, headers: { 'content-type': JSON_TYPE, ...extra.headers }, body: JSON.stringify(body) }
}
