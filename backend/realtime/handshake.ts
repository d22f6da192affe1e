import type { IncomingMessage } from 'node:http'
import { decodeJwt } from 'jose'
import { type CallerDeps, CallerError, resolveCaller, resolveToken } from '../caller'
import type { Hub } from './hub'
import { mayConnectFrom } from './origin'
import { type Principal, principalOf } from './principals'
import { parseVsn } from './protocol/codec'
import type { Vsn } from './protocol/envelope'

/** A connection that may be opened, or the answer that refuses it. */
export type Handshake = { vsn: Vsn; principal: Principal } | { status: number; error: string }

/** Checks path, origin, protocol version and key of an upgrade request. */
export async function checkHandshake(
  request: IncomingMessage,
  { keys, limits, site }: Hub,
): Promise<Handshake> {
  const url = URL.parse(request.url ?? '/', 'http://localhost')
  if (url?.pathname !== '/realtime/v1/websocket') return { status: 404, error: 'Not found' }
  if (!mayConnectFrom(request, { ...site, ...limits })) {
    return { status: 403, error: 'This origin may not connect' }
  }
  const vsn = parseVsn(url.searchParams.get('vsn'))
  if (!vsn) return { status: 400, error: 'Unsupported protocol version' }
  const headers = new Headers()
  for (const name of ['apikey', 'authorization', 'origin', 'user-agent', 'sec-fetch-site']) {
    const value = request.headers[name]
    if (typeof value === 'string') headers.set(name, value)
  }
  const named = request.headers['x-api-key']
  if (typeof named === 'string') headers.set('apikey', named)
  if (!headers.has('apikey') && !url.searchParams.get('apikey')) {
    return { status: 401, error: 'API key is missing' }
  }
  try {
    const caller = await resolveCaller(new Request(url, { headers }), keys)
    return { vsn, principal: principalOf(caller.claims) }
  } catch (error) {
    if (error instanceof CallerError) return { status: error.status, error: error.message }
    throw error
  }
}

/** The principal of an access token, or why it is refused: `CODE: text`, as upstream says it. */
export async function tokenPrincipal(
  keys: CallerDeps,
  token: string,
): Promise<{ principal: Principal } | { reason: string; message: string }> {
  if (token.length > MAX_TOKEN_LENGTH) return malformed
  try {
    const { claims } = await resolveToken(token, keys)
    return { principal: principalOf(claims) }
  } catch (error) {
    if (!(error instanceof CallerError)) throw error
    const [code, message] = refusal(error.message, token)
    return { reason: `${code}: ${message}`, message }
  }
}

/** As long as one in a header may be: its parts are read before anybody knows whose it is. */
export const MAX_TOKEN_LENGTH = 32_768

const malformed = {
  reason: 'MalformedJWT: The token provided is not a valid JWT',
  message: 'The token provided is not a valid JWT',
}

function refusal(problem: string, token: string): [code: string, message: string] {
  if (problem === 'JWT expired') {
    const age = Math.max(0, Math.floor(Date.now() / 1000 - (decodeJwt(token).exp ?? 0)))
    return ['InvalidJWTToken', `Token has expired ${age} seconds ago`]
  }
  if (/decoded|parts|Empty/.test(problem)) return ['MalformedJWT', 'The token provided is not a valid JWT']
  if (/key/.test(problem)) return ['JwtSignatureError', 'Failed to validate JWT signature']
  if (/'exp'|'role'/.test(problem)) return ['InvalidJWTToken', 'Fields `role` and `exp` are required in JWT']
  return ['InvalidJWTToken', problem]
}
