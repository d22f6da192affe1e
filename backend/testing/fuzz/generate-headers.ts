import type { Random } from './random'

const ACCEPT = [
  ...[
    'application/json',
    '*/*',
    'text/csv',
    'application/vnd.pgrst.object+json',
    'application/vnd.pgrst.array+json',
  ],
  ...['application/vnd.pgrst.object+json;nulls=stripped', 'application/vnd.pgrst.array+json;nulls=stripped'],
  ...[
    'application/vnd.pgrst.plan+json; for="text/csv"; options=analyze|buffers',
    'application/vnd.pgrst.plan',
  ],
  ...[
    'text/html, image/x-dot;q=0.5',
    'text/tab-separated-values',
    'application/vnd.names+json',
    'image/png',
    'application/openapi+json',
  ],
  ...['text/*;q=0', ';;q=,', 'application/json;q=NaN, */*', 'a/b'.repeat(50)],
]
const PREFER = [
  ...[
    'return=representation',
    'return=minimal',
    'return=headers-only',
    'count=exact',
    'count=planned',
    'count=estimated',
  ],
  ...[
    'resolution=merge-duplicates',
    'resolution=ignore-duplicates',
    'missing=default',
    'tx=rollback',
    'tx=commit',
  ],
  ...[
    'handling=strict',
    'max-affected=0',
    'max-affected=1',
    'max-affected=x',
    'timezone=America/Lima',
    'timezone=x',
    'nope',
    '=',
    ',,',
  ],
]
const CONTENT = [
  ...[
    'application/json',
    'application/json; charset=utf-8',
    'text/csv',
    'application/x-www-form-urlencoded',
    'text/plain',
  ],
  ...['text/xml', 'application/octet-stream', 'application/vnd.api+json', 'nope', ''],
]

/** Headers that mean something to REST, some of them nonsense. */
export function generateHeaders(random: Random): Record<string, string> {
  const headers: Record<string, string> = { host: 'localhost', 'user-agent': 'fuzz' }
  const add = (share: number, name: string, make: () => string) => {
    if (random.chance(share)) headers[name] = make()
  }
  add(0.3, 'accept', () => random.pick(random.chance(0.5) ? ACCEPT.slice(0, 7) : ACCEPT))
  add(0.5, 'prefer', () => random.list(1, 4, () => random.pick(PREFER)).join(', '))
  add(0.6, 'content-type', () => random.pick(random.chance(0.93) ? CONTENT.slice(0, 1) : CONTENT))
  add(0.06, 'range', () =>
    random.pick(['0-0', '0-9', '5-', '9-1', 'items=1-2', 'bytes=0-', '99999999999999999999-', 'x']),
  )
  add(0.01, 'accept-profile', () => random.pick(['public', 'hidden', 'pg_catalog', "'; drop", '']))
  add(0.01, 'content-profile', () => random.pick(['public', 'hidden', 'auth', '"public"']))
  add(0.03, 'cookie', () => random.pick(['a=b; c', '=', 'x="\\', '; ; ;']))
  add(0.03, 'x-odd', () => random.pick(['\xff\xfe', '"', '\\u0000', '{}', 'a'.repeat(4000)]))
  return headers
}
