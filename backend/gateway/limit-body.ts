import type { MiddlewareHandler } from 'hono'

/**
 * Refuses bodies of more than `maxBytes`. Hono's own does this too, but cannot rebuild a request of
 * @hono/node-server, so that every DELETE without a body and every chunked upload failed.
 */
export function limitBody(maxBytes: number, refuse: () => Response): MiddlewareHandler {
  return async (c, next) => {
    const { raw } = c.req
    const length = raw.headers.get('content-length')
    if (length !== null) return Number(length) > maxBytes ? refuse() : next()
    // Without a length, only a chunked request has a body.
    if (!raw.headers.has('transfer-encoding') || !raw.body) return next()
    const body = await readUpTo(maxBytes, raw.body)
    if (!body) return refuse()
    const { url, method, headers, signal } = raw
    c.req.raw = new Request(url, { method, headers, signal, body })
    return next()
  }
}

async function readUpTo(
  maxBytes: number,
  stream: ReadableStream<Uint8Array>,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > maxBytes) return null
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}
