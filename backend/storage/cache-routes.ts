import { Hono } from 'hono'
import { denied } from './errors'
import { checkBucketName } from './names'
import type { Parts } from './parts'
import { requesterOf, type StorageContext, type StorageEnv } from './requests'

/** Forgets pictures that were made of files, with the secret key: `/storage/v1/cdn`. There is no other cache here. */
export function cacheRoutes({ access, keys, renders }: Parts): Hono<StorageEnv> {
  const app = new Hono<StorageEnv>()

  async function purge(context: StorageContext, bucket: string, key: string | null) {
    const { caller } = await requesterOf(context, keys, 'object.purge_cache')
    if (caller?.role !== 'service_role') throw denied('Access denied')
    const rows = access.own<{ version: string }[]>`select version from storage.objects
      where bucket_id = ${checkBucketName(bucket)} and (${key}::text is null or name = ${key}) and version is not null`
    for await (const batch of rows.cursor(1000)) {
      for (const { version } of batch) await renders.forget(version)
    }
    return context.json({ message: 'success' })
  }

  app.delete('/cdn/:bucket', (context) => purge(context, context.req.param('bucket'), null))
  app.delete('/cdn/:bucket/:key{.+}', (context) =>
    purge(context, context.req.param('bucket'), context.req.param('key')),
  )
  return app
}
