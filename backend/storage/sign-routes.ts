import { Hono } from 'hono'
import { z } from 'zod'
import type { Requester } from './access'
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

/**
 * Addresses that are good for whoever has them, for a while and as long as their signer may see what they show:
 * `/storage/v1/object/sign`.
 */
export function signRoutes({ access, keys, signatures, signers }: Parts): Hono<StorageEnv> {
  const app = new Hono<StorageEnv>()

  const signedBy = async ({ caller, operation }: Requester) => {
    const by = await signers.seal(caller, operation)
    return by ? { by } : {}
  }

  async function sign(url: string, by: { by?: string }, seconds: number): Promise<string> {
    const token = await signatures.sign({ purpose: 'download', url, ...by }, seconds)
    return `/object/sign/${url}?token=${token}`
  }

  app.post('/object/sign/:bucket/:key{.+}', async (context) => {
    const requester = await requesterOf(context, keys, 'object.sign')
    const { bucketId, key } = named(context)
    const body = await readBody(context.env.incoming, signSchema)
    await access.as(requester, (sql) => findObject(sql, bucketId, key))
    const url = `${bucketId}/${key}`
    const by = await signedBy(requester)
    if (!body.transform) return context.json({ signedURL: await sign(url, by, body.expiresIn) })
    const transformations = writeTransformation(readTransformation(body.transform))
    const token = await signatures.sign({ purpose: 'render', url, transformations, ...by }, body.expiresIn)
    return context.json({ signedURL: `/render/image/sign/${url}?token=${token}` })
  })

  app.post('/object/sign/:bucket', async (context) => {
    const requester = await requesterOf(context, keys, 'object.sign_many')
    const bucketId = checkBucketName(context.req.param('bucket'))
    const body = await readBody(context.env.incoming, signManySchema)
    const found = await access.as(requester, (sql) => findObjects(sql, bucketId, body.paths))
    const by = await signedBy(requester)
    const seen = new Set(found.map(({ name }) => name))
    const answers = body.paths.map(async (path) => {
      if (!seen.has(path)) return { error: UNSEEN, path, signedURL: null }
      return { error: null, path, signedURL: await sign(`${bucketId}/${path}`, by, body.expiresIn) }
    })
    return context.json(await Promise.all(answers))
  })

  return app
}
