import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono } from 'hono'
import { denied, refusals } from './errors'
import { checkBucketName, checkKey } from './names'
import { findBucket, findObject, type StoredObject } from './objects'
import type { Parts } from './parts'
import { callerOf, requesterOf, type StorageContext, type StorageEnv } from './requests'
import { contentOf, isMissing, type ServeOptions, serve } from './serve'

/** Reading files: `/storage/v1/object/…` with GET and HEAD. */
export function downloadRoutes(parts: Parts): Hono<StorageEnv> {
  const { access, signatures, keys } = parts
  const app = new Hono<StorageEnv>()

  /** The object that a path names, if the requester may see it. */
  async function visible(context: StorageContext, operation: string): Promise<StoredObject> {
    const requester = await requesterOf(context, keys, operation)
    const { bucketId, key } = named(context)
    return access.as(requester, (sql) => findObject(sql, bucketId, key))
  }

  /** In a public bucket everybody sees everything; of others a stranger does not even hear that they are there. */
  async function published(context: StorageContext): Promise<StoredObject> {
    const { bucketId, key } = named(context)
    const bucket = await findBucket(access.own, bucketId)
    if (!bucket.public) throw refusals.noSuchBucket()
    return findObject(access.own, bucketId, key)
  }

  app.get('/object/public/:bucket/:key{.+}', async (context) => {
    return send(context, parts, await published(context), { isPublic: true })
  })

  app.get('/object/authenticated/:bucket/:key{.+}', async (context) => {
    return send(context, parts, await visible(context, 'object.get_authenticated'), { isPublic: false })
  })

  app.get('/object/sign/:bucket/:key{.+}', async (context) => {
    const { bucketId, key } = named(context)
    await signatures.verify(context.req.query('token') ?? '', 'download', `${bucketId}/${key}`)
    return send(context, parts, await findObject(access.own, bucketId, key), { isPublic: false })
  })

  app.get('/object/info/public/:bucket/:key{.+}', async (context) => {
    return context.json(infoOf(await published(context)))
  })

  for (const path of ['/object/info/authenticated/:bucket/:key{.+}', '/object/info/:bucket/:key{.+}']) {
    app.get(path, async (context) => {
      return context.json(infoOf(await visible(context, 'object.info_authenticated')))
    })
  }

  app.get('/object/:bucket/:key{.+}', async (context) => {
    const { bucketId, key } = named(context)
    const bucket = await findBucket(access.own, bucketId)
    if (bucket.public) {
      const object = await findObject(access.own, bucketId, key)
      return send(context, parts, object, { isPublic: true })
    }
    if (!(await callerOf(context, keys))) throw denied('Access denied to this bucket')
    return send(context, parts, await visible(context, 'object.get_authenticated'), { isPublic: false })
  })

  return app
}

/** Bucket and key of a path, checked. */
export function named(context: StorageContext): { bucketId: string; key: string } {
  const { bucket = '', key = '' } = context.req.param() as { bucket?: string; key?: string }
  return { bucketId: checkBucketName(bucket), key: checkKey(key) }
}

/** Answers with the bytes of an object. */
export async function send(
  context: StorageContext,
  { blobs, log }: Pick<Parts, 'blobs' | 'log'>,
  object: StoredObject,
  options: Pick<ServeOptions, 'isPublic'>,
): Promise<Response> {
  const { incoming, outgoing } = context.env
  try {
    const content = contentOf(blobs, object)
    await serve(incoming, outgoing, content, { ...options, download: context.req.query('download') })
  } catch (error) {
    if (!isMissing(error)) throw error
    log.error({ version: object.version }, 'storage: the bytes of a file are missing')
    throw refusals.noSuchKey()
  }
  return RESPONSE_ALREADY_SENT
}

function infoOf(object: StoredObject) {
  const { id, name, version, bucket_id, metadata, user_metadata, created_at, updated_at } = object
  return {
    ...{ id, name, version, bucket_id },
    size: metadata?.size,
    content_type: metadata?.mimetype,
    cache_control: metadata?.cacheControl,
    etag: metadata?.eTag,
    metadata: user_metadata,
    last_modified: updated_at,
    created_at,
  }
}
