import type { ApiError } from '../errors'
import type { TokenResponse } from './token-response'

/** The answers that send a browser on, in GoTrue's form. The session travels in the fragment, which no server sees. */

/** To the target with a session. `extra` says what happened: `{ type: 'recovery' }`, a provider's tokens. */
export function redirectWithSession(
  target: string,
  answer: TokenResponse,
  extra: Record<string, string> = {},
): Response {
  const { access_token, token_type, expires_in, expires_at, refresh_token } = answer
  const tokens = { access_token, token_type, refresh_token }
  const times = { expires_in: String(expires_in), expires_at: String(expires_at) }
  return redirectTo(withFragment(target, { ...tokens, ...times, ...extra }))
}

/** To the target with a code that the client exchanges for a session (`grant_type=pkce`). */
export function redirectWithCode(target: string, code: string): Response {
  return redirectTo(withQuery(target, { code }))
}

/** To the target with a sentence about what is still to be done. */
export function redirectWithMessage(target: string, message: string): Response {
  return redirectTo(withFragment(target, { message }))
}

/** To the target with a refusal: in the query for clients that exchange codes, in the fragment for the others. */
export function redirectWithError(target: string, { status, code, message, extra }: ApiError): Response {
  const named = extra.body?.error
  const general = status >= 500 ? 'server_error' : status === 400 ? 'invalid_request' : 'access_denied'
  // A refusal by the provider keeps the provider's own name for it.
  const error = typeof named === 'string' ? named : general
  const fields = { error, error_code: code, error_description: message }
  return redirectTo(withFragment(withQuery(target, fields), fields))
}

function redirectTo(location: string): Response {
  return new Response(null, {
    status: 303,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
  })
}

function withQuery(target: string, fields: Record<string, string>): string {
  const url = new URL(target)
  for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value)
  return url.href
}

function withFragment(target: string, fields: Record<string, string>): string {
  const url = new URL(target)
  url.hash = new URLSearchParams(fields).toString()
  return url.href
}
