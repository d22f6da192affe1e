import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import contentDisposition from 'content-disposition'
import fresh from 'fresh'
import parseRange from 'range-parser'
import { BlobMissing, type Blobs, type ByteRange } from './blobs/blobs'
import { refusals, StorageError } from './errors'
import type { StoredObject } from './objects'

/** What is sent, whatever it was made from. */
export type Content = {
  size: number
  contentType: string
  eTag: string
  lastModified: Date
  cacheControl: string
  /** The name to save it under. */
  filename: string
  /** Whether another client may get another form of it. */
  vary?: string
  open(range?: ByteRange): Promise<Readable>
}

export type ServeOptions = {
  /** `?download`: save it, under this name; empty: under its own. */
  download?: string | undefined
  /** Everybody may see it, so a shared cache may keep it. */
  isPublic: boolean
}

/** A reader that takes nothing for so long has gone, or holds a file open on purpose. */
const STALLED_MS = 60_000

/** Nothing in a file runs, loads or frames anything, whatever a browser takes it for. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"

/** The stored bytes of an object. */
export function contentOf(blobs: Blobs, object: StoredObject): Content {
  const { metadata, name, version } = object
  // A row without it was written by hand, or is an upload that never came.
  if (!metadata || typeof metadata.size !== 'number') throw refusals.noSuchKey()
  return {
    size: metadata.size,
    contentType: metadata.mimetype,
    eTag: metadata.eTag,
    lastModified: new Date(metadata.lastModified ?? object.updated_at),
    cacheControl: metadata.cacheControl,
    filename: name.slice(name.lastIndexOf('/') + 1),
    open: (range) => blobs.read(version, range),
  }
}

/** Sends content, or the part of it that was asked for. Rejects before the first byte only; later it hangs up. */
export async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  content: Content,
  options: ServeOptions,
): Promise<void> {
  const headers = headersOf(content, options)
  // We are where files come from: `no-cache`, which fetch adds to conditions, is said to caches on the way.
  const conditions = { ...request.headers, 'cache-control': undefined }
  if (fresh(conditions, { etag: content.eTag, 'last-modified': headers['last-modified'] })) {
    const { 'content-type': _type, 'content-disposition': _disposition, ...kept } = headers
    response.writeHead(304, kept).end()
    return
  }
  const range = rangeOf(request, content)
  const length = range ? range.end - range.start + 1 : content.size
  const sent = {
    ...headers,
    'content-length': String(length),
    ...(range ? { 'content-range': `bytes ${range.start}-${range.end}/${content.size}` } : {}),
  }
  const status = range ? 206 : 200
  if (request.method === 'HEAD') {
    response.writeHead(status, sent).end()
    return
  }
  const bytes = await content.open(range)
  response.setTimeout(STALLED_MS, () => response.destroy())
  response.writeHead(status, sent)
  // The length has been told: a file that breaks off breaks the connection off, and a client that leaves closes the file.
  await pipeline(bytes, response).catch(() => response.destroy())
}

function headersOf(content: Content, { download, isPublic }: ServeOptions): Record<string, string> {
  const { contentType, eTag, lastModified, cacheControl, filename, vary } = content
  const inline = download === undefined && isSafeInline(contentType)
  const name = download || filename
  return {
    'accept-ranges': 'bytes',
    'content-type': servedType(contentType),
    'content-disposition': contentDisposition(withoutTricks(name), {
      type: inline ? 'inline' : 'attachment',
    }),
    'cache-control': isPublic ? cacheControl : privately(cacheControl),
    etag: eTag,
    'last-modified': lastModified.toUTCString(),
    'x-content-type-options': 'nosniff',
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-robots-tag': 'none',
    ...(vary === undefined ? {} : { vary }),
  }
}

/** For the browser of whoever asked alone, whatever the uploader has said of caches that others share. */
function privately(cacheControl: string): string {
  const directives = cacheControl.split(',').map((each) => each.trim())
  return ['private', ...directives.filter((each) => !/^(public|private|s-maxage\b.*)$/i.test(each))].join(
    ', ',
  )
}

/** What a browser may show in our name: pictures, sound and plain text hold no scripts. Not SVG, PDF or HTML. */
export function isSafeInline(contentType: string): boolean {
  const essence = essenceOf(contentType)
  if (essence === 'text/plain') return true
  return /^(image|audio|video)\//.test(essence) && !/svg|xml/.test(essence)
}

/** As Supabase does: a page is sent as its source. */
function servedType(contentType: string): string {
  return essenceOf(contentType) === 'text/html' ? 'text/plain; charset=utf-8' : contentType
}

function essenceOf(contentType: string): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase()
}

/** Signs that turn the direction of writing make `exe.gpj` of `jpg.exe`; control characters end a header. */
function withoutTricks(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').slice(0, 255) || 'file'
}

function rangeOf(request: IncomingMessage, { size, eTag, lastModified }: Content): ByteRange | undefined {
  const { range, 'if-range': ifRange } = request.headers
  if (range === undefined) return undefined
  // The rest of a file that has changed would not fit what the client has.
  if (ifRange !== undefined && ifRange !== eTag && ifRange !== lastModified.toUTCString()) return undefined
  const ranges = parseRange(size, range, { combine: true })
  if (ranges === -1) {
    throw new StorageError(416, 'InvalidRange', 'The range is beyond the end of the file', 416, {
      'content-range': `bytes */${size}`,
    })
  }
  if (ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1) return undefined
  return ranges[0]
}

/** What is answered when a row is there and its bytes are not. */
export function isMissing(error: unknown): boolean {
  return error instanceof BlobMissing
}
