/** An error as the product shows it: a stable code (`errors.<code>` in locales), the HTTP status, a sentence. */
export type AppError = {
  code: string
  /** 0 when no answer came at all. */
  status: number
  message: string
  /** Seconds the server asked us to wait (429, 503). */
  retryAfter?: number
}

const CODE = /^[a-z][a-z0-9]*(_[a-z0-9]+)+$/
const NETWORK = /failed to fetch|fetch failed|networkerror|load failed|network request failed|timed? ?out/i

// What PostgreSQL and PostgREST say on their own, where no function of ours raised a code of the product.
const KNOWN: Record<string, { code: string; status: number }> = {
  PGRST301: { code: 'session_expired', status: 401 },
  PGRST302: { code: 'session_expired', status: 401 },
  PGRST303: { code: 'session_expired', status: 401 },
  '42501': { code: 'not_allowed', status: 403 },
  '23505': { code: 'already_exists', status: 409 },
  '57014': { code: 'took_too_long', status: 500 },
}

// What the browser or the client throws by name: a cancelled passkey prompt, a session that is gone.
const NAMED: Record<string, { code: string; status: number }> = {
  NotAllowedError: { code: 'passkey_cancelled', status: 400 },
  InvalidStateError: { code: 'passkey_known', status: 400 },
  SecurityError: { code: 'passkey_not_here', status: 400 },
  NotSupportedError: { code: 'passkey_not_here', status: 400 },
  AuthSessionMissingError: { code: 'session_expired', status: 401 },
}

const BY_STATUS: Record<number, string> = {
  0: 'network',
  401: 'session_expired',
  403: 'not_allowed',
  404: 'not_found',
  // The server waited for a request that a slow line did not bring.
  408: 'network',
  413: 'too_large',
  429: 'too_many_requests',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
}

/**
 * Brings whatever went wrong (a PostgREST or Auth error, a failed fetch, a thrown value) into one form.
 * `status` is the response's, for errors that do not carry it themselves.
 *
 * @example const { error, status } = await client.rpc('join_channel', args); if (error) throw toAppError(error, status)
 */
export function toAppError(error: unknown, status?: number): AppError {
  if (isAppError(error)) return error
  const raw = (typeof error === 'object' && error !== null ? error : { message: String(error) }) as Record<
    string,
    unknown
  >
  const message = typeof raw.message === 'string' ? raw.message : ''
  const rawCode = typeof raw.code === 'string' ? raw.code : ''
  const detail = typeof raw.details === 'string' ? raw.details : ''
  const known = KNOWN[rawCode] ?? NAMED[typeof raw.name === 'string' ? raw.name : '']
  const resolved = resolveStatus(raw, rawCode, status, message) ?? known?.status ?? 500
  const code =
    (CODE.test(detail) && detail) ||
    (CODE.test(rawCode) && rawCode) ||
    known?.code ||
    BY_STATUS[resolved] ||
    'unexpected'
  const result: AppError = { code, status: resolved, message: message || code }
  if (typeof raw.retry_after === 'number') result.retryAfter = raw.retry_after
  return result
}

/** Whether waiting may cure it: no connection, too many requests, or a server that is down or overloaded. */
export function isRetryable(error: AppError): boolean {
  return error.status === 0 || error.status === 408 || error.status === 429 || error.status >= 500
}

function isAppError(error: unknown): error is AppError {
  if (typeof error !== 'object' || error === null) return false
  const { code, status, message } = error as Partial<AppError>
  return (
    typeof code === 'string' &&
    CODE_OR_WORD.test(code) &&
    typeof status === 'number' &&
    typeof message === 'string' &&
    !(error instanceof Error)
  )
}

const CODE_OR_WORD = /^[a-z][a-z0-9_]*$/

function resolveStatus(
  raw: Record<string, unknown>,
  code: string,
  status: number | undefined,
  message: string,
): number | undefined {
  if (status) return status
  if (typeof raw.status === 'number') return raw.status
  const raised = /^PT(\d{3})$/.exec(code)
  if (raised) return Number(raised[1])
  if (status === 0 || raw.name === 'AbortError' || NETWORK.test(message)) return 0
  return undefined
}
