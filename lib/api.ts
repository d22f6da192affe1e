/** An answer that is not the wanted one: what a route handler throws. */
export class Refusal extends Error {
  readonly status: number
  /** Stable, as in the database's refusals. */
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** Metadata of an identity provider is the largest thing that is sent here. */
const MAX_BODY_BYTES = 1_048_576

/** Runs a route handler and turns what it throws into an answer `{code, message}`. */
export async function answer(work: () => Promise<object>): Promise<Response> {
  try {
    return json(200, await work())
  } catch (error) {
    if (error instanceof Refusal) return json(error.status, { code: error.code, message: error.message })
    // biome-ignore lint/suspicious/noConsole: the front end's output is the server's log
    console.error(error)
    return json(502, { code: 'unavailable', message: 'The server could not do this now. Try again.' })
  }
}

/**
 * The caller's access token, from the Authorization header and nowhere else: a page of another site can make a
 * browser send cookies, but not this.
 */
export function bearerToken(request: Request): string {
  const token = /^bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  if (!token || token.startsWith('sb_')) throw new Refusal(401, 'session_expired', 'Sign in first.')
  return token
}

/** The body as a JSON object. Its content type must say so: forms of other sites cannot. */
export async function jsonBody(request: Request): Promise<Record<string, unknown>> {
  if (!/^application\/json(\s*;|$)/i.test(request.headers.get('content-type') ?? '')) {
    throw new Refusal(415, 'json_needed', 'Send JSON, with content-type: application/json.')
  }
  const text = await readText(request)
  try {
    const value: unknown = JSON.parse(text || '{}')
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>
    }
  } catch {
    // Falls through to the refusal of everything that is no JSON object.
  }
  throw new Refusal(400, 'bad_request', 'The body must be a JSON object.')
}

async function readText(request: Request): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = request.body?.getReader()
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    size += part.value.byteLength
    if (size > MAX_BODY_BYTES) {
      void reader?.cancel()
      throw new Refusal(413, 'too_large', 'This is larger than one megabyte.')
    }
    chunks.push(part.value)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** A UUID from an address; anything else names nothing. */
export function uuidOf(value: unknown): string {
  if (typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)) return value
  throw new Refusal(404, 'not_found', 'There is nothing with this id.')
}

/** The address that people know this site by; the gateway has put it into these headers. */
export function siteOrigin(request: Request): string {
  if (process.env.SITE_URL) return process.env.SITE_URL.replace(/\/+$/, '')
  const host = request.headers.get('x-forwarded-host') ?? request.headers.get('host') ?? 'localhost'
  return `${request.headers.get('x-forwarded-proto') === 'https' ? 'https' : 'http'}://${host}`
}

type Failed = {
  message: string
  code?: string | undefined
  details?: string | null
  status?: number | undefined
}

/** What the database or Auth answered, or their refusal in the words of ours. */
export function unwrap<R extends { data: unknown; error: Failed | null; status?: number }>(
  result: R,
): NonNullable<Extract<R, { error: null }>['data']> {
  const { data, error } = result
  if (!error && data !== null && data !== undefined) return data as never
  const status = error?.status ?? result.status ?? 502
  const detail = error?.details ?? ''
  const code = /^[a-z]+(_[a-z]+)+$/.test(detail) ? detail : error?.code
  const known = status >= 400 && status < 500
  throw new Refusal(
    known ? status : 502,
    (known && code) || 'unavailable',
    error?.message ?? 'Nothing was found.',
  )
}

function json(status: number, body: object): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } })
}
