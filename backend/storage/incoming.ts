import type { IncomingMessage } from 'node:http'
import { Busboy } from '@fastify/busboy'
import { isTooDeep } from '../json-depth'
import { invalid, refusals } from './errors'

/** A file as it comes in. */
export type Incoming = {
  contentType: string
  bytes: AsyncIterable<Uint8Array>
  /** What was said about it; known when its bytes have been read. */
  details(): Promise<{ cacheControl: string; userMetadata: Record<string, unknown> | null }>
}

/** Fields beside the file are short. */
const FORM_LIMITS = { files: 1, fields: 20, fieldSize: 64 * 1024, parts: 30, headerPairs: 100 }

/** The file in the body of a request: the body itself, or the one file of a form. Nothing is held in memory. */
export function receive(request: IncomingMessage): Promise<Incoming> {
  const contentType = request.headers['content-type'] ?? 'application/octet-stream'
  return /^multipart\/form-data\b/i.test(contentType)
    ? receiveForm(request)
    : receiveRaw(request, contentType)
}

async function receiveRaw(request: IncomingMessage, contentType: string): Promise<Incoming> {
  const { 'cache-control': cacheControl = 'no-cache', 'x-metadata': encoded } = request.headers
  const text = encoded === undefined ? undefined : Buffer.from(String(encoded), 'base64').toString()
  const userMetadata = readMetadata(text)
  return { contentType, bytes: bytesOf(request), details: async () => ({ cacheControl, userMetadata }) }
}

/**
 * The bytes of a request. The connection stays open when reading ends early, so that an answer can say why.
 */
async function* bytesOf(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* request.iterator({ destroyOnReturn: false })
  } catch (error) {
    if (request.destroyed && !request.complete) throw refusals.incomplete()
    throw error
  }
}

function receiveForm(request: IncomingMessage): Promise<Incoming> {
  return new Promise((resolve, reject) => {
    const fields = new Map<string, string>()
    const form = openForm(request)
    const finished = new Promise<void>((resolveForm, rejectForm) => {
      const fail = (error: Error) => {
        rejectForm(error)
        reject(error)
      }
      form.once('finish', resolveForm)
      form.once('error', () => fail(invalid('The form cannot be read')))
      request.once('close', () => {
        if (!request.complete) fail(refusals.incomplete())
      })
    })
    // Whoever reads the file hears of it; without a reader it has been told by `reject`.
    finished.catch(() => {})
    form.on('field', (name, value) => void fields.set(name, value))
    form.once('file', (_name, file, _filename, _encoding, type) => {
      finished.catch((error: Error) => file.destroy(error))
      const details = async () => {
        await finished
        const cacheControl = cacheControlOf(fields.get('cacheControl'))
        return { cacheControl, userMetadata: readMetadata(fields.get('metadata')) }
      }
      async function* bytes(): AsyncGenerator<Uint8Array> {
        try {
          yield* file
        } finally {
          // An early end: what is left of the body is of no use, but must not fill up.
          if (!file.readableEnded) request.unpipe(form).resume()
        }
      }
      resolve({ contentType: fields.get('contentType') ?? type, bytes: bytes(), details })
    })
    void finished.then(() => reject(refusals.noContent()))
    request.pipe(form)
  })
}

function openForm(request: IncomingMessage) {
  try {
    const contentType = request.headers['content-type'] ?? ''
    return new Busboy({ headers: { ...request.headers, 'content-type': contentType }, limits: FORM_LIMITS })
  } catch {
    throw invalid('The form cannot be read')
  }
}

/** Clients give seconds. It becomes a header. */
export function cacheControlOf(seconds: string | null | undefined): string {
  if (seconds === undefined || seconds === null) return 'no-cache'
  if (!/^[\w=, -]{1,100}$/.test(seconds)) throw invalid('The cache control is not a number of seconds')
  return `max-age=${seconds}`
}

/** What an application keeps beside a file: an object in JSON. */
export function readMetadata(text: string | null | undefined): Record<string, unknown> | null {
  if (text === undefined || text === null || text === '') return null
  try {
    const value: unknown = isTooDeep(text) ? null : JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as never
  } catch {}
  throw invalid('The metadata is not a JSON object')
}
