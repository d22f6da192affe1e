import { readFileSync } from 'node:fs'
import { createClient } from '@supabase/supabase-js'
import { expect, test } from 'vitest'
import WebSocket from 'ws'

const client = createClient('http://localhost', 'key', {
  auth: { autoRefreshToken: false, persistSession: false, experimental: { passkey: true } },
  realtime: { transport: WebSocket as never },
})
const page = readFileSync(new URL('../../docs/compatibility.md', import.meta.url), 'utf8')
const named = new Set(page.match(/\w+/g))

/** What the client uses itself and nobody calls, and what only shapes its own types or errors. */
const internal = [
  ...['fetch', 'logger', 'transport', 'heartbeatCallback', 'accessToken', 'encode', 'decode', 'push', 'log'],
  ...['cloneRequestState', 'then', 'processResponse', 'reconnectAfterMs', 'endpointURL', 'copyBindings'],
  ...['encodeMetadata', 'uploadOrUpdate', 'handleOperation', 'applyTransformOptsToQuery'],
  ...['listBucketOptionsToQueryString', 'isThrowOnErrorEnabled', 'isConnecting', 'isDisconnecting', 'on'],
]

test.each(
  Object.entries({
    client,
    auth: client.auth,
    'auth.mfa': client.auth.mfa,
    'auth.mfa.webauthn': client.auth.mfa.webauthn,
    'auth.passkey': client.auth.passkey,
    'auth.oauth': client.auth.oauth,
    'auth.admin': client.auth.admin,
    'auth.admin.mfa': client.auth.admin.mfa,
    'auth.admin.oauth': client.auth.admin.oauth,
    'auth.admin.customProviders': client.auth.admin.customProviders,
    'auth.admin.passkey': client.auth.admin.passkey,
    from: client.from('any'),
    select: client.from('any').select(),
    realtime: client.realtime,
    channel: client.channel('any'),
    storage: client.storage,
    'storage.from': client.storage.from('any'),
  }),
)('docs/compatibility.md names every method of %s', (_name, part) => {
  const methods = methodsOf(part)
  expect(methods.length).toBeGreaterThan(0)
  expect(methods.filter((method) => !named.has(method) && !internal.includes(method))).toEqual([])
})

function methodsOf(part: object): string[] {
  const own = Object.getOwnPropertyNames(part)
  const prototype: unknown = Object.getPrototypeOf(part)
  const inherited =
    typeof prototype === 'object' && prototype !== null && prototype !== Object.prototype
      ? methodsOf(prototype)
      : []
  const methods = own.filter((name) => {
    const { value } = Object.getOwnPropertyDescriptor(part, name) ?? {}
    return typeof value === 'function' && name !== 'constructor' && !name.startsWith('_')
  })
  return [...new Set([...methods, ...inherited])]
}
