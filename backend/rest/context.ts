import type { IncomingHttpHeaders } from 'node:http'
import type { Caller } from '../caller'
import type { Step } from './batch'
import type { Catalogue } from './catalogue'
import { RestError } from './errors'

/** What the database may know of a request. */
export type RequestContext = {
  method: string
  path: string
  headers: IncomingHttpHeaders
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
  // `none` would be the connection's own role.
  if (caller.role === 'none' || caller.role === 'authenticator')
    throw new RestError(401, 'PGRST303', `The role "${caller.role}" cannot be used`)
  const settings: Record<string, string> = {
    ...catalogue.roleSettings.get(caller.role),
    role: caller.role,
    'request.jwt.claims': claimsJson(caller.claims),
    // Where auth.uid() looks first: policies ask for it several times, and need not parse the claims each time.
    'request.jwt.claim.sub': typeof caller.claims.sub === 'string' ? caller.claims.sub : '',
    'request.method': context.method,
    'request.path': context.path,
    'request.headers': JSON.stringify(context.headers),
    'request.cookies': cookiesJson(context.headers.cookie),
    search_path: `${quote(context.schema)}, ${EXTRA_SEARCH_PATH}`,
    // A function of an earlier request may have set these for the session.
    'response.headers': '',
    'response.status': '',
  }
  if (context.readOnly) settings.transaction_read_only = 'on'
  if (context.timeZone !== undefined) settings.timezone = context.timeZone
  return {
    text: contextText(Object.keys(settings)),
    values: Object.values(settings),
    prepare: true,
    scope: '',
  }
}

const texts = new Map<string, string>()

/** The names are ours or the catalogue's; there are as many texts as roles have different settings. */
function contextText(names: string[]): string {
  const key = names.join(' ')
  const found = texts.get(key)
  if (found !== undefined) return found
  const calls = names.map((name, i) => `set_config('${name.replaceAll("'", "''")}', $${i + 1}, true)`)
  const text = `select ${calls.join(', ')}`
  texts.set(key, text)
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

function cookiesJson(cookie: string | undefined): string {
  if (cookie === undefined) return '{}'
  const pairs = cookie.split(';').map((pair) => {
    const equals = pair.indexOf('=')
    return [pair.slice(0, Math.max(equals, 0)).trim(), pair.slice(equals + 1).trim()]
  })
  return JSON.stringify(Object.fromEntries(pairs))
}
