import { authFailures, requestSeconds, writeSeconds } from './metrics'

const services = new Set(['auth', 'rest', 'realtime', 'storage'])
const endpoints = new Set(
  'token signup login logout otp magiclink recover verify resend user factors sso callback passkeys admin'.split(
    ' ',
  ),
)

/** Counts an answered request. Of its path only words of a fixed list, and names of tables that exist, become labels. */
export function observeRequest(method: string, path: string, status: number, milliseconds: number): void {
  const [, name = '', version, first = ''] = path.split('/')
  const service = version === 'v1' && services.has(name) ? name : 'site'
  requestSeconds.observe({ service, status: `${Math.floor(status / 100)}xx` }, milliseconds / 1000)
  if (service === 'auth' && status >= 400 && status < 500) {
    authFailures.inc({ endpoint: endpoints.has(first) ? first : 'other', status: String(status) })
  }
  // Only a table that is there can be written to.
  if (service === 'rest' && first !== 'rpc' && status < 300 && /^(POST|PATCH|PUT|DELETE)$/.test(method)) {
    writeSeconds.observe({ table: first }, milliseconds / 1000)
  }
}
