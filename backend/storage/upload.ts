import { randomUUID } from 'node:crypto'
import type { Access, Requester, Transaction } from './access'
import type { Blobs } from './blobs/blobs'
import { refusals } from './errors'
import type { Incoming } from './incoming'
import { checkBucketName, checkKey, checkMimeType } from './names'
import { type Bucket, findBucket, idOfVersion, type Metadata, type Mode, putObject } from './objects'
import type { Removals } from './removals'

/** Where a file is to go. */
export type Target = { bucketId: string; key: string; mode: Mode; ownerId: string | null }

/** What came of an upload. */
export type Uploaded = { id: string; key: string; fullPath: string }

export type Uploads = ReturnType<typeof createUploads>

type Parts = { access: Access; blobs: Blobs; removals: Removals; sizeLimit: number }

/** Puts files into storage: first the right to, then the bytes, then the row. */
export function createUploads({ access, blobs, removals, sizeLimit }: Parts) {
  const limitOf = (bucket: Bucket) => Math.min(bucket.file_size_limit ?? sizeLimit, sizeLimit)

  /** Asks the policies before any byte is taken. Returns the bucket, whose limits apply. */
  async function prepare(requester: Requester, target: Target): Promise<Bucket> {
    checkKey(target.key)
    const bucket = await findBucket(access.own, checkBucketName(target.bucketId))
    const draft = draftOf(
      target,
      randomUUID(),
      metadataOf(randomUUID(), 0, 'application/octet-stream', 'no-cache'),
    )
    await access.rehearse(requester, (sql) => putObject(sql, target.mode, draft))
    return bucket
  }

  /** Makes complete bytes visible: in one transaction the row appears and they are no longer up for removal. */
  async function commit(
    requester: Requester,
    target: Target,
    version: string,
    { metadata, userMetadata }: { metadata: Metadata; userMetadata: Record<string, unknown> | null },
  ): Promise<Uploaded> {
    const draft = { ...draftOf(target, version, metadata), userMetadata }
    await access.as(
      requester,
      (sql) => putObject(sql, target.mode, draft),
      (sql) => claim(sql, version),
    )
    const id = target.mode === 'create' ? draft.id : ((await idOfVersion(access, version)) ?? draft.id)
    return { id, key: target.key, fullPath: `${target.bucketId}/${target.key}` }
  }

  return {
    prepare,
    commit,
    limitOf,

    /** One file in one request. Throws StorageError; then nothing is left of it. */
    async upload(
      requester: Requester,
      target: Target,
      open: () => Promise<Incoming>,
      length: number,
    ): Promise<Uploaded> {
      const bucket = await prepare(requester, target)
      const limit = limitOf(bucket)
      if (length > limit) throw refusals.tooLarge()
      const incoming = await open()
      const type = checkMimeType(incoming.contentType, bucket.allowed_mime_types)
      const version = randomUUID()
      await removals.plan(version)
      try {
        const meter = measure(incoming.bytes, limit)
        await blobs.write(version, meter.bytes)
        const { cacheControl, userMetadata } = await incoming.details()
        const metadata = metadataOf(version, meter.size(), type, cacheControl)
        return await commit(requester, target, version, { metadata, userMetadata })
      } catch (error) {
        await removals.hurry(version)
        throw error
      }
    },
  }
}

function draftOf(target: Target, version: string, metadata: Metadata) {
  const { bucketId, key, ownerId } = target
  return { id: randomUUID(), bucketId, key, ownerId, version, metadata, userMetadata: null }
}

/** Whoever removes bytes holds this row; when it is gone, so are they. */
async function claim(sql: Transaction, version: string): Promise<void> {
  const { count } = await sql`delete from _backend.blob_removals where version = ${version}`
  if (count === 0) throw refusals.gone()
}

/** What is kept about bytes. They never change, so their name says whether a copy of them is still good. */
export function metadataOf(version: string, size: number, mimetype: string, cacheControl: string): Metadata {
  return {
    eTag: `"${version.replaceAll('-', '')}"`,
    size,
    mimetype,
    cacheControl,
    lastModified: new Date().toISOString(),
    contentLength: size,
    httpStatusCode: 200,
  }
}

/** Counts bytes while they pass, and stops at the first that is too many. */
function measure(bytes: AsyncIterable<Uint8Array>, limit: number) {
  let size = 0
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      size += chunk.length
      if (size > limit) throw refusals.tooLarge()
      yield chunk
    }
  }
  return { bytes: counted(), size: () => size }
}
