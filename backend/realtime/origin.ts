import type { IncomingMessage } from 'node:http'
import { publicOrigin } from '../gateway/forwarded'

/** What decides which web pages may connect. */
export type OriginRules = { allowedOrigins: string[]; siteUrl: string | undefined; trustedProxies: number }

/**
 * Whether a page may open a socket. Browsers send the Origin of the page and let no script change it; programs send
 * none and may. A page of this site may, by the address that was asked for or by SITE_URL, and those that are listed.
 * Addresses are compared as a whole, so that no suffix or prefix of a name passes.
 */
export function mayConnectFrom(request: IncomingMessage, rules: OriginRules): boolean {
  const { origin } = request.headers
  const { allowedOrigins, siteUrl, trustedProxies } = rules
  if (origin === undefined || allowedOrigins.includes('*')) return true
  const page = URL.parse(origin)
  // `null`: the page of a sandbox or a file.
  if (!page || page.origin === 'null') return false
  const listed = [siteUrl, ...allowedOrigins].map((address) => URL.parse(address ?? '')?.origin)
  if (listed.includes(page.origin)) return true
  // By name alone: who takes TLS off in front of us need not be known to us.
  const own = URL.parse(publicOrigin(request, trustedProxies))
  return own?.host === page.host || (isThisMachine(own) && isThisMachine(page))
}

/** Where somebody develops, the page and the backend have ports of their own. */
function isThisMachine(url: URL | null): boolean {
  return url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
}
