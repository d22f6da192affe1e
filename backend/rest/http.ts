import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '../log'
import { compress } from './compression'
import { RestError } from './errors'

/** A request as the handler sees it: free of the cost of `Request` and its streams, which is most of a cheap request's. */
export type Incoming = {
  method: string
  /** Path and query. */
  url: string
  headers: IncomingHttpHeaders
  /** The body, once; one over the server's limit, or over the lower one given here, is refused with 413. */
  body(limit?: number): Promise<Buffer>
}

export type Answer = { status: number; headers: Record<string, string>; body: string | Buffer | null }

/** The value of a header that counts once. */
export function header(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name]
  return value === undefined ? null : String(value)
}

type Options = { bodyLimit: number; log: Logger }

/** Connects a handler to Node's server. */
export function createListener(handle: (request: Incoming) => Promise<Answer>, { bodyLimit, log }: Options) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request
    let answer: Answer
    const body = (limit = bodyLimit) => readBody(request, Math.min(limit, bodyLimit))
    try {
      answer = await handle({ method, url, headers, body })
    } catch (error) {
      log.error({ err: error, path: url.split('?', 1)[0] }, 'rest: a request failed')
      const unexpected = new RestError(
        500,
        'unexpected_failure',
        'Something went wrong here. The server log says more.',
      )
      answer = {
        status: 500,
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: unexpected.body(),
      }
    }
    try {
      await send(request, response, answer)
    } catch (error) {
      log.error({ err: error }, 'rest: an answer could not be sent')
      response.destroy()
    }
  }
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Answer,
): Promise<void> {
  // The rest of a body that is too long is not worth waiting for.
  if (status === 413) response.setHeader('connection', 'close')
  if (status === 204 || status === 304 || (request.method === 'HEAD' && body === null)) {
    response.writeHead(status, headers).end()
    return
  }
  const encoded = body === null ? null : await compress(body, request.headers['accept-encoding'])
  if (encoded) Object.assign(headers, { 'content-encoding': 'gzip', vary: 'accept-encoding' })
  const bytes = encoded ?? body ?? ''
  headers['content-length'] = String(Buffer.byteLength(bytes))
  response.writeHead(status, headers)
  response.end(request.method === 'HEAD' || bytes.length === 0 ? undefined : bytes)
}

/** The whole body; what is longer than the limit is refused before it is held. */
function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > limit) return reject(tooLarge(limit))
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else {
        request.pause()
        reject(tooLarge(limit))
      }
    })
    request.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
    request.once('error', reject)
    request.once('close', () => {
      if (!request.complete) reject(new RestError(400, 'PGRST102', 'The request ended before its body did'))
    })
  })
}

function tooLarge(limit: number): RestError {
  return new RestError(
    413,
    'request_too_large',
    `The request is larger than ${limit} bytes, the most that is taken.`,
  )
}
