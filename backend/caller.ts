import { timingSafeEqual } from 'node:crypto'
import { ApiError } from './errors'
import { LATEST_TIME, TokenError } from './token-claims'
import type { Claims, Tokens } from './tokens'

/** Who is asking: a person by their token, or only the application by its key. */
export type Caller = {
  role: string
  claims: Claims
  /** The person's token; null when the request came with a key alone. */
  token: string | null
}

/** What decides about callers. */
export type CallerDeps = {
  secrets: { publishableKey: string; secretKey: string }
  tokens: Pick<Tokens, 'verify'>
}

/** A request that is refused for who sends it. `body` is the whole answer, as Supabase words it. */
export class CallerError extends ApiError {
  readonly body: { message: string; [field: string]: string | null }

  constructor(body: CallerError['body'], headers: Record<string, string> = {}) {
    const nothingElse = { code: undefined, details: undefined, hint: undefined }
    super(401, body.code ?? 'invalid_api_key', body.message, { body: { ...nothingElse, ...body }, headers })
    this.body = body
  }
}

/** What of a request tells who sends it; a `Request` has it, and Node's own request is easily made to. */
export type CallerRequest = { url: string; headers: Pick<Headers, 'get' | 'has'> }

/** The caller of an HTTP request. A person's token outranks the key. Throws CallerError. */
export async function resolveCaller(request: CallerRequest, deps: CallerDeps): Promise<Caller> {
  const apiKey = apiKeyOf(request)
  const keyCaller = await resolveKey(apiKey, request.headers, deps)
  const token = bearerToken(request.headers.get('authorization'))
  if (token === null || token === apiKey) return keyCaller
  // supabase-js sends its key as the bearer while nobody is signed in. A key of ours that is not the `apikey`
  // would be a way around the checks on keys.
  if (isKey(token)) throw invalidKey()
  return resolveToken(token, deps)
}

/** The caller behind an API key: publishable, secret or a legacy JWT. Throws CallerError. */
export async function resolveKey(
  key: string | null,
  headers: CallerRequest['headers'],
  deps: CallerDeps,
): Promise<Caller> {
  if (!key) {
    throw new CallerError({
      message: 'No API key found in request',
      hint: 'No `apikey` request header or url param was found.',
    })
  }
  if (equal(key, deps.secrets.publishableKey)) return keyCaller('anon')
  if (equal(key, deps.secrets.secretKey)) {
    if (isBrowser(headers)) throw secretInBrowser()
    return keyCaller('service_role')
  }
  if (isKey(key)) throw invalidKey()
  const claims = await deps.tokens.verify(key).catch(() => {
    throw invalidKey()
  })
  if (claims.sub !== undefined || !['anon', 'service_role'].includes(claims.role)) throw invalidKey()
  return { role: claims.role, claims, token: null }
}

/** The person behind a token, in PostgREST's words when it is not accepted. Throws CallerError. */
export async function resolveToken(token: string, deps: Pick<CallerDeps, 'tokens'>): Promise<Caller> {
  try {
    const claims = await deps.tokens.verify(token)
    return { role: claims.role, claims, token: claims.sub === undefined ? null : token }
  } catch (error) {
    if (!(error instanceof TokenError)) throw error
    throw new CallerError(
      { code: error.code, details: null, hint: null, message: error.message },
      { 'www-authenticate': `Bearer error="invalid_token", error_description="${error.message}"` },
    )
  }
}

/** The key of a request: header or query parameter. */
export function apiKeyOf(request: CallerRequest): string | null {
  const header = request.headers.get('apikey')
  if (header !== null) return header
  return new URL(request.url, 'http://localhost').searchParams.get('apikey')
}

/** The token in an Authorization header; null when there is none of this kind. */
export function bearerToken(header: string | null | undefined): string | null {
  const match = /^bearer(?: +(.*))?$/i.exec(header ?? '')
  return match ? (match[1] ?? '').trim() : null
}

function keyCaller(role: string): Caller {
  return { role, claims: { iss: 'supabase', role, exp: LATEST_TIME }, token: null }
}

/** Whether a text is a key of the new kind, whoever's. */
export function isKey(text: string): boolean {
  return text.startsWith('sb_')
}

/**
 * Browsers add these by themselves. Sec-Fetch-Mode says nothing: Node's fetch sends it too. The user agent is for
 * plain http, where browsers send neither Origin on GET nor Sec-Fetch-*.
 */
function isBrowser(headers: CallerRequest['headers']): boolean {
  return (
    headers.has('origin') ||
    headers.has('sec-fetch-site') ||
    /^mozilla\//i.test(headers.get('user-agent') ?? '')
  )
}

/** Equal in a time that tells nothing of where they differ. How long a key is, is no secret. */
function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function invalidKey(): CallerError {
  return new CallerError({ message: 'Invalid API key', hint: 'Double check your API key.' })
}

function secretInBrowser(): CallerError {
  return new CallerError({
    message: 'Forbidden use of secret API key in browser',
    hint: 'Secret API keys can only be used in a protected environment and should never be used in a browser. Delete this secret API key immediately.',
  })
}
