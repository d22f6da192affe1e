import { takeEarly } from '@/lib/early-answers'

/**
 * `fetch` for supabase-js that does not lose `Retry-After`: PostgREST's client hands out the error's body but not
 * the response's headers, so the seconds are put into the body as `retry_after`, where `toAppError` finds them.
 */
export const fetchKeepingRetryAfter: typeof fetch = async (input, init) => {
  const response = await fetchInTime(input, init)
  if (response.status !== 429 && response.status !== 503) return response
  const seconds = retryAfterSeconds(response.headers.get('retry-after'), Date.now())
  if (seconds === undefined) return response
  const text = await response.text()
  return new Response(JSON.stringify({ ...parseObject(text), retry_after: seconds }), {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
  })
}

/**
 * On a connection that lost its way (a sleep, a NAT that forgot it) an answer never comes, and a browser waits for it
 * many minutes; whoever asked must be able to ask again. Files may take longer.
 */
const ANSWER_MS = 30_000

/**
 * A token is exchanged for its successor once, and again for the same one within ten seconds. Later than that counts as an
 * answer that got lost, and twice in a row as a theft of one's own token; auth-js asks again by itself.
 */
const REFRESH_MS = 4_000

function fetchInTime(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const url = input instanceof Request ? input.url : String(input)
  if (url.includes('/storage/v1/')) return fetch(input, init)
  const limit = new AbortController()
  const given = init.signal
  if (given?.aborted) limit.abort(given.reason)
  given?.addEventListener('abort', () => limit.abort(given.reason), { once: true })
  // It holds for the body as well, so it is not taken back when the answer begins.
  const ms = url.includes('grant_type=refresh_token') ? REFRESH_MS : ANSWER_MS
  setTimeout(() => limit.abort(new DOMException('The request timed out.', 'TimeoutError')), ms)
  const ask = () => fetch(input, { ...init, signal: limit.signal })
  // A server that failed a while ago may answer by now.
  return takeEarly(url, init)?.then((answer) => (answer.status < 500 ? answer : ask()), ask) ?? ask()
}

/** `Retry-After` in seconds: it is written as seconds or as an HTTP date. */
export function retryAfterSeconds(header: string | null, now: number): number | undefined {
  if (!header) return undefined
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return Math.max(0, seconds)
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000))
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : { message: text }
  } catch {
    return { message: text }
  }
}
