import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { z } from 'zod'
import type { Requester, Transaction } from './access'
import { readBody } from './body'
import { named } from './download-routes'
import { refusals } from './errors'
import { readMetadata, receive } from './incoming'
import { listObjects, listSchema, searchObjects, searchSchema } from './list'
import { checkBucketName, checkKey, checkMimeType } from './names'
import { deleteObjects, findBucket, findObject, type Mode, putObject, type StoredObject } from './objects'
import type { Parts } from './parts'
import { ownerOf, ownRequester, requesterOf, type StorageContext, type StorageEnv } from './requests'

const MAX_NAMES = 1000
const removeSchema = z.object({ prefixes: z.array(z.string()).min(1).max(MAX_NAMES) })
const moveSchema = z.object({
  bucketId: z.string(),
  sourceKey: z.string(),
  destinationKey: z.string(),
  destinationBucket: z.string().nullish(),
})
const copySchema = moveSchema.extend({ copyMetadata: z.boolean().nullish() })

/** Writing, listing, moving and removing files: `/storage/v1/object/…`. */
export function objectRoutes(parts: Parts): Hono<StorageEnv> {
  const { access, keys, removals, signatures, uploads } = parts
  const app = new Hono<StorageEnv>()
  const asking = (context: StorageContext, verb: string) => requesterOf(context, keys, `object.${verb}`)

  app.post('/object/list/:bucket', async (context) => {
    const requester = await asking(context, 'list')
    const bucketId = checkBucketName(context.req.param('bucket'))
    const asked = await readBody(context.env.incoming, searchSchema)
    return context.json(await access.as(requester, (sql) => searchObjects(sql, bucketId, asked)))
  })

  app.post('/object/list-v2/:bucket', async (context) => {
    const requester = await asking(context, 'list_v2')
    const bucketId = checkBucketName(context.req.param('bucket'))
    const asked = await readBody(context.env.incoming, listSchema)
    return context.json(await access.as(requester, (sql) => listObjects(sql, bucketId, asked)))
  })

  app.post('/object/move', async (context) => {
    const requester = await asking(context, 'move')
    const body = await readBody(context.env.incoming, moveSchema)
    const { from, to } = await endsOf(body)
    const moved = await access.as(requester, async (sql) => {
      const source = await findObject(sql, from.bucketId, from.key)
      await checkLimits(to.bucketId, source, from.bucketId)
      const { count } = await sql`update storage.objects set bucket_id = ${to.bucketId}, name = ${to.key}
        where id = ${source.id}`
      if (count === 0) throw refusals.noSuchKey()
      return source
    })
    return context.json({ message: 'Successfully moved', Id: moved.id, Key: to.key })
  })

  app.post('/object/copy', async (context) => {
    const requester = await asking(context, 'copy')
    const body = await readBody(context.env.incoming, copySchema)
    const { from, to } = await endsOf(body)
    const { 'x-upsert': upsert, 'x-metadata': encoded } = context.env.incoming.headers
    const given =
      encoded === undefined ? null : readMetadata(Buffer.from(String(encoded), 'base64').toString())
    const copy = await access.as(
      requester,
      async (sql) => {
        const source = await findObject(sql, from.bucketId, from.key)
        await checkLimits(to.bucketId, source, from.bucketId)
        if (!source.metadata) throw refusals.noSuchKey()
        const draft = {
          id: randomUUID(),
          bucketId: to.bucketId,
          key: to.key,
          ownerId: ownerOf(requester),
          // Bytes never change: both rows may have the same.
          version: source.version,
          metadata: source.metadata,
          userMetadata: body.copyMetadata === false ? given : (given ?? source.user_metadata),
        }
        await putObject(sql, upsert === 'true' ? 'upsert' : 'create', draft)
        return draft
      },
      // Held until the copy is there, so that the bytes always have a row.
      async (sql) => {
        await sql`select from storage.objects where bucket_id = ${from.bucketId} and name = ${from.key} for share`
      },
    )
    return context.json({
      Id: copy.id,
      Key: `${to.bucketId}/${to.key}`,
      id: copy.id,
      name: to.key,
      bucket_id: to.bucketId,
      metadata: copy.metadata,
    })
  })

  /** Source and destination of a request, checked. */
  async function endsOf(body: z.infer<typeof moveSchema>) {
    const from = { bucketId: checkBucketName(body.bucketId), key: checkKey(body.sourceKey) }
    const to = {
      bucketId: checkBucketName(body.destinationBucket ?? body.bucketId),
      key: checkKey(body.destinationKey),
    }
    return { from, to }
  }

  /** What comes from another bucket must be what this one takes. */
  async function checkLimits(bucketId: string, { metadata }: StoredObject, from: string): Promise<void> {
    const bucket = await findBucket(access.own, bucketId)
    if (bucketId === from || !metadata) return
    checkMimeType(metadata.mimetype, bucket.allowed_mime_types)
    if (metadata.size > uploads.limitOf(bucket)) throw refusals.tooLarge()
  }

  app.post('/object/upload/sign/:bucket/:key{.+}', async (context) => {
    const requester = await asking(context, 'sign_upload_url')
    const { bucketId, key } = named(context)
    const upsert = context.req.header('x-upsert') === 'true'
    const owner = ownerOf(requester)
    await uploads.prepare(requester, { bucketId, key, mode: upsert ? 'upsert' : 'create', ownerId: owner })
    const url = `${bucketId}/${key}`
    const token = await signatures.sign({ purpose: 'upload', url, owner, upsert }, SIGNED_UPLOAD_SECONDS)
    return context.json({ url: `/object/upload/sign/${url}?token=${token}`, token })
  })

  app.put('/object/upload/sign/:bucket/:key{.+}', async (context) => {
    const { bucketId, key } = named(context)
    const grant = await signatures.verify(context.req.query('token') ?? '', 'upload', `${bucketId}/${key}`)
    const mode = grant.upsert ? 'upsert' : 'create'
    return upload(context, ownRequester(context, 'object.upload_signed'), mode, grant.owner)
  })

  app.post('/object/:bucket/:key{.+}', async (context) => {
    const mode = context.req.header('x-upsert') === 'true' ? 'upsert' : 'create'
    const requester = await asking(context, 'upload')
    return upload(context, requester, mode, ownerOf(requester))
  })

  app.put('/object/:bucket/:key{.+}', async (context) => {
    const requester = await asking(context, 'upload_update')
    return upload(context, requester, 'update', ownerOf(requester))
  })

  async function upload(context: StorageContext, requester: Requester, mode: Mode, ownerId: string | null) {
    const { incoming } = context.env
    const isForm = /^multipart\//i.test(incoming.headers['content-type'] ?? '')
    // The length of a form is not the length of its file.
    const length = isForm ? 0 : Number(incoming.headers['content-length'] ?? 0)
    const target = { ...named(context), mode, ownerId }
    const { id, fullPath } = await uploads.upload(requester, target, () => receive(incoming), length)
    removals.poke()
    return context.json({ Id: id, Key: fullPath })
  }

  app.delete('/object/:bucket', async (context) => {
    const requester = await asking(context, 'delete_many')
    const bucketId = checkBucketName(context.req.param('bucket'))
    const { prefixes } = await readBody(context.env.incoming, removeSchema)
    const removed = await access.as(requester, (sql) => deleteObjects(sql, bucketId, prefixes))
    removals.poke()
    return context.json(removed)
  })

  app.delete('/object/:bucket/:key{.+}', async (context) => {
    const requester = await asking(context, 'delete')
    const { bucketId, key } = named(context)
    const removed = await access.as(requester, (sql: Transaction) => deleteObjects(sql, bucketId, [key]))
    if (removed.length === 0) throw refusals.noSuchKey()
    removals.poke()
    return context.json({ message: 'Successfully deleted' })
  })

  return app
}

/** As on Supabase: time enough to choose a file and send it. */
const SIGNED_UPLOAD_SECONDS = 2 * 60 * 60
