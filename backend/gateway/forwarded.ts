import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/** Under which address the client reached us. X-Forwarded-* is believed only behind a trusted proxy. */
export function publicOrigin(request: IncomingMessage, trustedProxies: number): string {
  const { protocol, host } = publicAddress(request, trustedProxies)
  return `${protocol}://${host}`
}

function publicAddress(
  { headers }: IncomingMessage,
  trustedProxies: number,
): { protocol: string; host: string } {
  const own = { protocol: 'http', host: headers.host ?? 'localhost' }
  if (trustedProxies === 0) return own
  const protocol = last(headers['x-forwarded-proto']) === 'https' ? 'https' : 'http'
  return { protocol, host: last(headers['x-forwarded-host']) ?? own.host }
}

/** The header's entry that the nearest proxy wrote. */
function last(header: string | string[] | undefined): string | undefined {
  return header?.toString().split(',').at(-1)?.trim() || undefined
}

// Headers that speak about one connection and end at it (RFC 9110, 7.6.1).
const hopByHop = ['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection']
const perConnection = new Set([...hopByHop, 'te', 'trailer', 'transfer-encoding', 'upgrade'])

/** Headers without those that belong to one connection. */
export function endToEndHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = new Set(headers.connection?.split(',').map((name) => name.trim().toLowerCase()))
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !perConnection.has(name) && !named.has(name)),
  )
}

/** The headers of a request as a server behind us should see them. */
export function forwardedHeaders(request: IncomingMessage, trustedProxies: number): IncomingHttpHeaders {
  const { protocol, host } = publicAddress(request, trustedProxies)
  const before = trustedProxies > 0 ? request.headers['x-forwarded-for'] : undefined
  const address = request.socket.remoteAddress ?? ''
  return {
    ...endToEndHeaders(request.headers),
    'x-forwarded-for': before ? `${before}, ${address}` : address,
    'x-forwarded-proto': protocol,
    'x-forwarded-host': host,
  }
}
