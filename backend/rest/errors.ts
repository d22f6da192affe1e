import { validateHeaderName, validateHeaderValue } from 'node:http'
import { isDatabaseAway } from '../errors'

/** What a PostgREST error body may carry besides its code and message. */
type Extra = { details?: unknown; hint?: string | null; headers?: Record<string, string> }

/** An answer that is not a success, in PostgREST's terms: HTTP status and `{code, details, hint, message}`. */
export class RestError extends Error {
  override readonly name = 'RestError'
  readonly status: number
  readonly code: string
  readonly details: unknown
  readonly hint: string | null
  readonly headers: Record<string, string>

  constructor(status: number, code: string, message: string, extra: Extra = {}) {
    super(message)
    this.status = status
    this.code = code
    this.details = extra.details ?? null
    this.hint = extra.hint ?? null
    this.headers = extra.headers ?? {}
  }

  /** The body PostgREST would send. */
  body(): string {
    const { code, details, hint, message } = this
    return JSON.stringify({ code, details, hint, message })
  }
}

/** The 416 of a range that lies outside of what there is. */
export function rangeError(details: string): RestError {
  return new RestError(416, 'PGRST103', 'Requested range not satisfiable', { details })
}

/** An error while the database cannot be reached: the client should come back. */
export function unavailable(code: string, message: string, retryAfterSeconds = 1): RestError {
  return new RestError(503, code, message, { headers: { 'retry-after': String(retryAfterSeconds) } })
}

/** An error that came from the server. */
type PgError = Error & { code: string; severity: string; detail?: string; hint?: string }

/** Only the server's own errors have a severity; those of the socket have just a code. */
function isPgError(error: unknown): error is PgError {
  return error instanceof Error && 'severity' in error && 'code' in error
}

const STATUS_BY_CLASS: Record<string, number> = {
  '08': 503,
  '09': 500,
  '0L': 403,
  '0P': 403,
  25: 500,
  28: 403,
  '2D': 500,
  38: 500,
  39: 500,
  '3B': 500,
  40: 500,
  53: 503,
  54: 500,
  55: 500,
  57: 500,
  58: 500,
  F0: 500,
  HV: 500,
  P0: 500,
  XX: 500,
}

const STATUS_BY_CODE: Record<string, number> = {
  23503: 409,
  23505: 409,
  25006: 405,
  '42883': 404,
  '42P01': 404,
  '42P17': 500,
  53400: 500,
  // More columns, arguments or depth than PostgreSQL takes in one statement: the request asked for them.
  '54001': 400,
  '54011': 400,
  '54023': 400,
  P0001: 400,
  // Shutting down, crash of another backend, starting up, pool exhausted: all pass.
  '57P01': 503,
  '57P02': 503,
  '57P03': 503,
}

function statusOf(code: string, message: string, anonymous: boolean): number {
  if (code === '42501') return anonymous ? 401 : 403
  if (code === '22023' && /^role ".*" does not exist$/.test(message)) return 401
  if (/^PT[2-5]\d\d$/.test(code)) return Number(code.slice(2))
  return STATUS_BY_CODE[code] ?? STATUS_BY_CLASS[code.slice(0, 2)] ?? 400
}

/**
 * Turns an error of the database or its connection into PostgREST's answer.
 *
 * `anonymous` says that the caller had no user token: a missing privilege is then 401, not 403.
 */
export function fromDatabase(error: unknown, anonymous: boolean): RestError {
  if (!isPgError(error)) {
    const lost =
      error instanceof Error &&
      /^Connection terminated|^Client (was closed|has encountered)|^Cannot use a pool/.test(error.message)
    if (lost || isDatabaseAway(error))
      return unavailable('PGRST001', 'The database cannot be reached at the moment. Try again shortly.')
    throw error
  }
  const { code, message } = error
  if (code === 'PGRST') return fromRaised(error)
  const status = statusOf(code, message, anonymous)
  return new RestError(status, code, message, {
    details: error.detail ?? null,
    hint: error.hint ?? null,
    headers: status === 503 ? { 'retry-after': '1' } : {},
  })
}

/** `raise sqlstate 'PGRST' using message = '{code,message,…}', detail = '{status,headers}'`. */
function fromRaised(error: PgError): RestError {
  try {
    const body = JSON.parse(error.message) as Record<string, unknown>
    const detail = JSON.parse(error.detail ?? '') as { status?: unknown; headers?: Record<string, string> }
    if (typeof body.code === 'string' && typeof body.message === 'string' && validStatus(detail.status)) {
      const headers = customHeaders(Object.entries(detail.headers ?? {}))
      const hint = typeof body.hint === 'string' ? body.hint : null
      return new RestError(detail.status, body.code, body.message, { details: body.details, hint, headers })
    }
  } catch {
    // Not JSON: the same answer as for JSON of another shape.
  }
  return new RestError(500, 'PGRST121', `Could not parse JSON in the "RAISE SQLSTATE 'PGRST'" error`, {
    details: 'MESSAGE needs "code" and "message", DETAIL needs "status" and may have "headers"',
  })
}

/** Headers that say how a message is framed: not a function's to set. */
const FRAMING = /^(connection|content-length|keep-alive|te|trailer|transfer-encoding|upgrade)$/

/** Headers that SQL gives to a response, checked; throws when one cannot be sent. */
export function customHeaders(entries: [string, unknown][]): Record<string, string> {
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const lower = name.toLowerCase()
      if (typeof value !== 'string' || FRAMING.test(lower)) throw new TypeError(`bad header ${name}`)
      validateHeaderName(lower)
      validateHeaderValue(lower, value)
      return [lower, value]
    }),
  )
}

/** Whether a value can be the status of a response. */
export function validStatus(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 200 && value <= 599
}
