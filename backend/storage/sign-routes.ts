import { Hono } from 'hono'
import { z } from 'zod'
import { readBody } from './body'
import { named } from './download-routes'
import { checkBucketName } from './names'
import { findObject, findObjects } from './objects'
import type { Parts } from './parts'
import { requesterOf, type StorageEnv } from './requests'
import { readTransformation, writeTransformation } from './transformation'

const MAX_NAMES = 1000
const MAX_SECONDS = 10 * 365 * 86_400
const expiresIn = z.number().int().min(1).max(MAX_SECONDS)
const signSchema = z.object({ expiresIn, transform: z.unknown().optional() })
const signManySchema = z.object({ expiresIn, paths: z.array(z.string()).min(1).max(MAX_NAMES) })

const UNSEEN = 'Either the object does not exist or you do not have access to it'

/** Addresses that are good for whoever has them, for a while: `/storage/v1/object/sign`. */
export function signRoutes({ access, keys, signatures }: Parts): Hono<StorageEnv> {
  const app = new Hono<StorageEnv>()

  async function sign(bucketId: string, key: string, seconds: number): Promise<string> {
    const url = `${bucketId}/${key}`
    const token = await signatures.sign({ purpose: 'download', url }, seconds)
    return `/object/sign/${url}?token=${token}`
  }

  app.post('/object/sign/:bucket/:key{.+}', async (context) => {
    const requester = await requesterOf(context, keys, 'object.sign')
    const { bucketId, key } = named(context)
    const body = await readBody(context.env.incoming, signSchema)
    await access.as(requester, (sql) => findObject(sql, bucketId, key))
    if (!body.transform) return context.json({ signedURL: await sign(bucketId, key, body.expiresIn) })
    const url = `${bucketId}/${key}`
    const transformations = writeTransformation(readTransformation(body.transform))
    const token = await signatures.sign({ purpose: 'render', url, transformations }, body.expiresIn)
    return context.json({ signedURL: `/render/image/sign/${url}?token=${token}` })
  })

  app.post('/object/sign/:bucket', async (context) => {
    const requester = await requesterOf(context, keys, 'object.sign_many')
    const bucketId = checkBucketName(context.req.param('bucket'))
    const body = await readBody(context.env.incoming, signManySchema)
    const found = await access.as(requester, (sql) => findObjects(sql, bucketId, body.paths))
    const seen = new Set(found.map(({ name }) => name))
    const answers = body.paths.map(async (path) => {
      if (!seen.has(path)) return { error: UNSEEN, path, signedURL: null }
      return { error: null, path, signedURL: await sign(bucketId, path, body.expiresIn) }
    })
    return context.json(await Promise.all(answers))
  })

  return app
}
