import { errorCode } from './start-error'

/** A refusal with its status, a stable code and a sentence that says what to do. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string
  /** Further fields of the body, and headers of the response. */
  readonly extra: { body?: Record<string, unknown>; headers?: Record<string, string> }

  constructor(
    status: number,
    code: string,
    message: string,
    extra: { body?: Record<string, unknown>; headers?: Record<string, string> } = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.extra = extra
  }
}

/** The response for a refusal, in the shape that supabase-js reads on every path. */
export function errorResponse(error: ApiError): Response {
  const { status, code, message, extra } = error
  const body = { code, message, details: null, hint: null, ...extra.body }
  return Response.json(body, { status, headers: { 'cache-control': 'no-store', ...extra.headers } })
}

/** What is answered while the database cannot be reached; clients try again. */
export function databaseAwayError(): ApiError {
  return new ApiError(
    503,
    'PGRST001',
    'The database cannot be reached at the moment. Try again in a few seconds.',
    {
      headers: { 'retry-after': '2' },
    },
  )
}

// How postgres.js, PostgreSQL and the system say that there is no connection to be had.
const awayCodes = new Set(
  [
    'CONNECTION_CLOSED CONNECTION_ENDED CONNECTION_DESTROYED CONNECT_TIMEOUT',
    'ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT EHOSTUNREACH ENOTFOUND EAI_AGAIN',
    '57P01 57P02 57P03 53300 08000 08001 08003 08006',
  ].flatMap((codes) => codes.split(' ')),
)

/** Whether an error means that the database is away and not that the request was wrong. */
export function isDatabaseAway(error: unknown): boolean {
  const code = errorCode(error)
  // A socket file that is not there, and not any other missing file.
  if (code === 'ENOENT') return (error as NodeJS.ErrnoException).syscall === 'connect'
  return code !== undefined && awayCodes.has(code)
}
