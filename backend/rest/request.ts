import type { IncomingHttpHeaders } from 'node:http'
import { RestError } from './errors'
import { header, type Incoming } from './http'
import { type Media, negotiate } from './media'
import { type SplitQuery, splitQuery } from './parse-query'
import { type Preferences, parsePreferences } from './preferences'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
export type Method = (typeof METHODS)[number]

/** What a path names. */
export type Target = { kind: 'relation' | 'call'; name: string }

/** What a request asks for, before names are looked up. */
export type RestRequest = {
  method: Method
  /** Null for the root. */
  target: Target | null
  schema: string
  /** Whether the client chose the schema, and wants it named in the answer. */
  profiled: boolean
  split: SplitQuery
  media: Media
  preferences: Preferences
  range: string | null
  contentType: string
  /** Path below the service, for `request.path`. */
  path: string
}

const PREFIX = '/rest/v1'

type Options = { schemas: string[]; explain: boolean }

/** Reads everything of a request but its body. */
export function readRequest({ method, headers, url }: Incoming, { schemas, explain }: Options): RestRequest {
  if (!isMethod(method)) throw new RestError(405, 'PGRST117', `Unsupported HTTP method: ${method}`)
  const mark = url.indexOf('?')
  const path = url.slice(PREFIX.length, mark < 0 ? undefined : mark)
  const { schema, profiled } = profile(method, headers, schemas)
  return {
    method,
    target: target(path),
    schema,
    profiled,
    split: splitQuery(mark < 0 ? '' : url.slice(mark + 1)),
    media: negotiate(header(headers, 'accept'), explain),
    preferences: parsePreferences(header(headers, 'prefer')),
    range: method === 'GET' ? header(headers, 'range') : null,
    contentType: mediaType(header(headers, 'content-type') ?? 'application/json'),
    path: path === '' ? '/' : path,
  }
}

/** The media type without its parameters. */
function mediaType(header: string): string {
  return header.split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

function isMethod(method: string): method is Method {
  return (METHODS as readonly string[]).includes(method)
}

function target(path: string): Target | null {
  const segments = path.split('/').filter((s) => s !== '')
  let names: string[]
  try {
    names = segments.map(decodeURIComponent)
  } catch {
    throw invalidPath()
  }
  const [first, second] = names
  if (first === undefined) return null
  if (names.length === 1) return { kind: 'relation', name: first }
  if (names.length === 2 && first === 'rpc' && second !== undefined) return { kind: 'call', name: second }
  throw invalidPath()
}

function invalidPath(): RestError {
  return new RestError(404, 'PGRST125', 'Invalid path specified in request URL')
}

function profile(method: Method, headers: IncomingHttpHeaders, schemas: string[]) {
  const reads = method === 'GET' || method === 'HEAD'
  const asked = header(headers, reads ? 'accept-profile' : 'content-profile')
  if (asked === null) return { schema: schemas[0] ?? 'public', profiled: false }
  if (schemas.includes(asked)) return { schema: asked, profiled: true }
  throw new RestError(406, 'PGRST106', `Invalid schema: ${asked.slice(0, 80)}`, {
    hint: `Only the following schemas are exposed: ${schemas.join(', ')}`,
  })
}
