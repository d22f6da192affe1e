import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono } from 'hono'
import { denied, refusals } from './errors'
import { checkBucketName, checkKey } from './names'
import { findBucket, findObject, type StoredObject } from './objects'
import type { Parts } from './parts'
import { callerOf, ownRequester, requesterOf, type StorageContext, type StorageEnv } from './requests'
import { type Content, contentOf, isMissing, serve } from './serve'
import { parseTransformation, readTransformation, type Transformation } from './transformation'

/** Reading files, and pictures made of them: `/storage/v1/object/…` and `render/image/…` with GET and HEAD. */
export function downloadRoutes(parts: Parts): Hono<StorageEnv> {
  const { access, blobs, log, renders, signatures, signers, keys } = parts
  const app = new Hono<StorageEnv>()

  /** The object that a path names, if the requester may see it. */
  async function visible(context: StorageContext, operation: string): Promise<StoredObject> {
    const requester = await requesterOf(context, keys, operation)
    const { bucketId, key } = named(context)
    return access.as(requester, (sql) => findObject(sql, bucketId, key))
  }

  /** The object of a signed address: as long as whoever signed it may see it. */
  async function signed(context: StorageContext, { by }: { by?: string }): Promise<StoredObject> {
    const { bucketId, key } = named(context)
    if (by === undefined) return findObject(access.own, bucketId, key)
    const { caller, operation } = await signers.open(by)
    return access.as({ ...ownRequester(context, ''), caller, operation }, (sql) =>
      findObject(sql, bucketId, key),
    )
  }

  /** In a public bucket everybody sees everything; of others a stranger does not even hear that they are there. */
  async function published(context: StorageContext): Promise<StoredObject> {
    const { bucketId, key } = named(context)
    const bucket = await findBucket(access.own, bucketId)
    if (!bucket.public) throw refusals.noSuchBucket()
    return findObject(access.own, bucketId, key)
  }

  const sendFile = (context: StorageContext, object: StoredObject, isPublic: boolean) =>
    send(context, object, isPublic, async () => contentOf(blobs, object))

  function sendPicture(
    context: StorageContext,
    object: StoredObject,
    isPublic: boolean,
    transformation: Transformation,
  ): Promise<Response> {
    const acceptsWebp = /\bimage\/webp\b/.test(context.req.header('accept') ?? '')
    return send(context, object, isPublic, () => renders.render(object, transformation, acceptsWebp))
  }

  async function send(
    context: StorageContext,
    { version }: StoredObject,
    isPublic: boolean,
    content: () => Promise<Content>,
  ): Promise<Response> {
    const { incoming, outgoing } = context.env
    try {
      await serve(incoming, outgoing, await content(), { isPublic, download: context.req.query('download') })
    } catch (error) {
      if (!isMissing(error)) throw error
      log.error({ version }, 'storage: the bytes of a file are missing')
      throw refusals.noSuchKey()
    }
    return RESPONSE_ALREADY_SENT
  }

  app.get('/object/public/:bucket/:key{.+}', async (context) => {
    return sendFile(context, await published(context), true)
  })

  app.get('/object/authenticated/:bucket/:key{.+}', async (context) => {
    return sendFile(context, await visible(context, 'object.get_authenticated'), false)
  })

  app.get('/object/sign/:bucket/:key{.+}', async (context) => {
    const { bucketId, key } = named(context)
    const token = context.req.query('token') ?? ''
    const grant = await signatures.verify(token, 'download', `${bucketId}/${key}`)
    return sendFile(context, await signed(context, grant), false)
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
      return sendFile(context, object, true)
    }
    if (!(await callerOf(context, keys))) throw denied('Access denied to this bucket')
    return sendFile(context, await visible(context, 'object.get_authenticated'), false)
  })

  app.get('/render/image/public/:bucket/:key{.+}', async (context) => {
    const transformation = readTransformation(context.req.query())
    return sendPicture(context, await published(context), true, transformation)
  })

  app.get('/render/image/authenticated/:bucket/:key{.+}', async (context) => {
    const transformation = readTransformation(context.req.query())
    const object = await visible(context, 'render.image_authenticated')
    return sendPicture(context, object, false, transformation)
  })

  app.get('/render/image/sign/:bucket/:key{.+}', async (context) => {
    const { bucketId, key } = named(context)
    const token = context.req.query('token') ?? ''
    // How it is changed was signed too; what the address says beside it does not count.
    const grant = await signatures.verify(token, 'render', `${bucketId}/${key}`)
    const object = await signed(context, grant)
    return sendPicture(context, object, false, parseTransformation(grant.transformations))
  })

  return app
}

/** Bucket and key of a path, checked. */
export function named(context: StorageContext): { bucketId: string; key: string } {
  const { bucket = '', key = '' } = context.req.param() as { bucket?: string; key?: string }
  return { bucketId: checkBucketName(bucket), key: checkKey(key) }
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
