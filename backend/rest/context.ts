import type { Caller } from '../caller'
import type { Step } from './batch'
import type { Catalogue } from './catalogue'

/** What the database may know of a request. */
export type RequestContext = {
  method: string
  path: string
  headers: Headers
  schema: string
  timeZone: string | undefined
  readOnly: boolean
}

const claimsText = new WeakMap<object, string>()

/** Schemas that functions of extensions are found in, after the request's own. */
const EXTRA_SEARCH_PATH = 'public, extensions'

/**
 * The statement that makes a transaction the caller's: role, claims and what PostgREST tells of a request, all local to the
 * transaction, all as parameters.
 */
export function contextStep(caller: Caller, context: RequestContext, catalogue: Catalogue): Step {
  const settings: [string, string][] = [
    ['role', caller.role],
    ['request.jwt.claims', claimsJson(caller.claims)],
    ['request.method', context.method],
    ['request.path', context.path],
    ['request.headers', headersJson(context.headers)],
    ['request.cookies', cookiesJson(context.headers.get('cookie'))],
    ['search_path', `${quote(context.schema)}, ${EXTRA_SEARCH_PATH}`],
    ['transaction_read_only', context.readOnly ? 'on' : 'off'],
    // A function of an earlier request may have set these for the session.
    ['response.headers', ''],
    ['response.status', ''],
    ...(catalogue.roleSettings.get(caller.role) ?? []),
  ]
  if (context.timeZone !== undefined) settings.push(['timezone', context.timeZone])
  return {
    text: contextText(settings.length),
    values: settings.flat(),
    prepare: true,
    scope: '',
  }
}

const texts = new Map<number, string>()

function contextText(settings: number): string {
  const found = texts.get(settings)
  if (found !== undefined) return found
  const calls = Array.from({ length: settings }, (_, i) => `set_config($${2 * i + 1}, $${2 * i + 2}, true)`)
  const text = `select ${calls.join(', ')}`
  texts.set(settings, text)
  return text
}

function quote(schema: string): string {
  return `"${schema.replaceAll('"', '""')}"`
}

/** Verified tokens are cached with their claims, so most requests find the text of theirs here. */
function claimsJson(claims: Caller['claims']): string {
  const known = claimsText.get(claims)
  if (known !== undefined) return known
  const text = JSON.stringify(claims)
  claimsText.set(claims, text)
  return text
}

function headersJson(headers: Headers): string {
  return JSON.stringify(Object.fromEntries(headers))
}

function cookiesJson(cookie: string | null): string {
  if (cookie === null) return '{}'
  const pairs = cookie.split(';').map((pair) => {
    const equals = pair.indexOf('=')
    return [pair.slice(0, Math.max(equals, 0)).trim(), pair.slice(equals + 1).trim()]
  })
  return JSON.stringify(Object.fromEntries(pairs))
}
