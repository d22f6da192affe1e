import { callPayload, csvToJson, formToJson, rowsPayload } from './body'
import type { CallBody } from './compile-call'
import { RestError } from './errors'
import type { Mutation } from './plan-mutation'
import type { RestRequest, Target } from './request'

/** What a request sends along, and the part of it that its plan depends on. */
export type Input = {
  body: string
  shape: string
  call?: CallBody | { kind: 'query' }
  mutation?: Mutation
}

const MUTATIONS = { POST: 'insert', PUT: 'put', PATCH: 'update', DELETE: 'delete' } as const

/** Reads the body for what the method and the path make of it. */
export function readInput(asked: RestRequest, target: Target, text: string): Input {
  const { method } = asked
  if (target.kind === 'call') return readCall(asked, text)
  if (method === 'GET' || method === 'HEAD') return { body: '', shape: '' }
  const kind = MUTATIONS[method]
  if (kind === 'delete') return { body: '', shape: '', mutation: { kind, columns: [] } }
  const hasColumns = asked.split.params.some(({ key }) => key === 'columns')
  const { json, keys } = rowsPayload(rowsText(asked, text), hasColumns)
  return { body: json, shape: JSON.stringify(keys), mutation: { kind, columns: keys } }
}

function rowsText({ contentType }: RestRequest, text: string): string {
  if (isJson(contentType)) return text
  if (contentType === 'text/csv') return csvToJson(text)
  if (contentType === 'application/x-www-form-urlencoded') return formToJson(text)
  throw wrongContentType(contentType)
}

function readCall({ method, contentType }: RestRequest, text: string): Input {
  if (method === 'GET' || method === 'HEAD') return { body: '', shape: 'query', call: { kind: 'query' } }
  if (method !== 'POST') throw new RestError(405, 'PGRST101', `Cannot use the ${method} method on RPC`)
  const single = SINGLE.get(contentType)
  if (single === 'bytea') {
    const hex = Buffer.from(text, 'latin1').toString('hex')
    return { body: `\\x${hex}`, shape: single, call: { kind: 'single', type: single } }
  }
  if (single) return { body: text, shape: single, call: { kind: 'single', type: single } }
  const form = contentType === 'application/x-www-form-urlencoded'
  if (!form && !isJson(contentType)) throw wrongContentType(contentType)
  const json = form ? formToJson(text) : text
  const payload = callPayload(json)
  if (!payload) return { body: json, shape: 'json', call: { kind: 'single', type: 'json' } }
  const { keys } = payload
  return { body: payload.json, shape: JSON.stringify(keys), call: { kind: 'json', keys } }
}

/** Bodies that are one unnamed argument. */
const SINGLE = new Map<string, 'text' | 'xml' | 'bytea'>([
  ['text/plain', 'text'],
  ['text/xml', 'xml'],
  ['application/octet-stream', 'bytea'],
])

function isJson(contentType: string): boolean {
  return (
    contentType === 'application/json' ||
    contentType === '' ||
    /^application\/[\w.-]+\+json$/.test(contentType)
  )
}

function wrongContentType(contentType: string): RestError {
  return new RestError(415, 'PGRST107', `Content-Type not acceptable: ${contentType.slice(0, 80)}`)
}
