import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { MetricsSettings } from '../settings-operations'

/** Whether a caller may read `/metrics`: 200, or the status of the refusal. Where nobody may, it is not there. */
export function mayReadMetrics(
  request: IncomingMessage,
  { token, loopback }: MetricsSettings,
): 200 | 401 | 404 {
  if (token && holds(request, token)) return 200
  if (loopback && isDirect(request)) return 200
  return token ? 401 : 404
}

function holds(request: IncomingMessage, token: string): boolean {
  const [, given = ''] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? []
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(token))
}

const marks = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via']

/** From this machine, and not for somebody else through a proxy on it. */
function isDirect({ socket, headers }: IncomingMessage): boolean {
  const address = socket.remoteAddress?.replace(/^::ffff:/, '') ?? ''
  const local = address === '::1' || address.startsWith('127.')
  const named = /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/i.test(headers.host ?? '')
  return local && named && marks.every((name) => headers[name] === undefined)
}
