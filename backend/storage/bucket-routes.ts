import { Hono } from 'hono'
import { z } from 'zod'
import type { Requester, Transaction } from './access'
import { readBody } from './body'
import { denied, refusals, StorageError } from './errors'
import { checkBucketName, checkMimePatterns, parseSize } from './names'
import { type Bucket, bucketFields, findBucket } from './objects'
import type { Parts } from './parts'
import { ownerOf, requesterOf, type StorageContext, type StorageEnv } from './requests'

const limits = {
  public: z.boolean().nullish(),
  file_size_limit: z.union([z.number().int().min(0).max(Number.MAX_SAFE_INTEGER), z.string()]).nullish(),
  allowed_mime_types: z.array(z.string()).max(100).nullish(),
}
const createSchema = z.object({
  name: z.string(),
  id: z.string().optional(),
  type: z.enum(['STANDARD']).nullish(),
  ...limits,
})
const updateSchema = z.object(limits)
const listSchema = z.object({
  limit: z.coerce.number().int().min(1).max(10_000).default(10_000),
  offset: z.coerce.number().int().min(0).default(0),
  sortColumn: z.enum(['id', 'name', 'created_at', 'updated_at']).default('name'),
  sortOrder: z.enum(['asc', 'desc']).default('asc'),
  search: z.string().default(''),
})

const EMPTY_BATCH = 1000

/** Buckets: `/storage/v1/bucket`. All of it with the rights of the caller. */
export function bucketRoutes({ access, keys, removals, sizeLimit }: Parts): Hono<StorageEnv> {
  const app = new Hono<StorageEnv>()
  const asking = (context: StorageContext, verb: string) => requesterOf(context, keys, `bucket.${verb}`)

  /** The columns that a body sets; what it does not name stays. */
  function columns(body: z.infer<typeof updateSchema>): Record<string, unknown> {
    const set: Record<string, unknown> = {}
    if (body.public !== undefined) set.public = body.public ?? false
    if (body.file_size_limit !== undefined) set.file_size_limit = sizeOf(body.file_size_limit)
    if (body.allowed_mime_types !== undefined) {
      const patterns = body.allowed_mime_types?.filter(Boolean)
      set.allowed_mime_types = patterns ? checkMimePatterns(patterns) : null
    }
    return set
  }

  function sizeOf(limit: number | string | null): number | null {
    if (limit === null || limit === '') return null
    const size = parseSize(limit)
    if (size > sizeLimit) {
      throw new StorageError(
        413,
        'Payload too large',
        'The requested file size limit exceeds the one of the server',
      )
    }
    return size
  }

  async function visible(sql: Transaction, id: string): Promise<Bucket> {
    return findBucket(sql, checkBucketName(id))
  }

  app.post('/bucket', async (context) => {
    const requester = await asking(context, 'create')
    const body = await readBody(context.env.incoming, createSchema)
    const id = checkBucketName(body.id ?? body.name)
    const owner = ownerOf(requester)
    const row = {
      id,
      name: checkBucketName(body.name),
      owner: z.uuid().safeParse(owner).success ? owner : null,
      owner_id: owner,
      ...columns(body),
    }
    await access.as(requester, (sql) => sql`insert into storage.buckets ${sql(row)}`)
    return context.json({ name: id })
  })

  app.get('/bucket', async (context) => {
    const requester = await asking(context, 'list')
    const asked = listSchema.parse(context.req.query())
    const buckets = await access.as(
      requester,
      (sql) => sql<Bucket[]>`select ${bucketFields(sql)} from storage.buckets
        where position(lower(${asked.search}) in lower(name)) > 0 or ${asked.search} = ''
        order by ${sql(asked.sortColumn)} ${sql.unsafe(asked.sortOrder)} limit ${asked.limit} offset ${asked.offset}`,
    )
    return context.json(buckets)
  })

  app.get('/bucket/:id', async (context) => {
    const requester = await asking(context, 'get')
    return context.json(await access.as(requester, (sql) => visible(sql, context.req.param('id'))))
  })

  app.put('/bucket/:id', async (context) => {
    const requester = await asking(context, 'update')
    const id = checkBucketName(context.req.param('id'))
    const set = { ...columns(await readBody(context.env.incoming, updateSchema)), updated_at: new Date() }
    await access.as(requester, async (sql) => {
      const { count } = await sql`update storage.buckets set ${sql(set)} where id = ${id}`
      if (count === 0) throw refusals.noSuchBucket()
    })
    return context.json({ message: 'Successfully updated' })
  })

  app.post('/bucket/:id/empty', async (context) => {
    const requester = await asking(context, 'empty')
    const id = context.req.param('id')
    await access.as(requester, (sql) => visible(sql, id))
    while ((await emptyBatch(requester, id)) === EMPTY_BATCH);
    const [left] = await access.own<{ count: number }[]>`
      select count(*)::int from storage.objects where bucket_id = ${id}`
    if (left && left.count > 0) throw denied(`${left.count} files may not be deleted by you`)
    removals.poke()
    return context.json({ message: 'Successfully emptied' })
  })

  async function emptyBatch(requester: Requester, id: string): Promise<number> {
    const { count } = await access.as(
      requester,
      (sql) => sql`delete from storage.objects where id in (
        select id from storage.objects where bucket_id = ${id} limit ${EMPTY_BATCH})`,
    )
    return count
  }

  app.delete('/bucket/:id', async (context) => {
    const requester = await asking(context, 'delete')
    const id = context.req.param('id')
    await access.as(requester, async (sql) => {
      await visible(sql, id)
      const [used] = await access.own`select from storage.objects where bucket_id = ${id} limit 1`
      if (used) throw refusals.bucketNotEmpty()
      const { count } = await sql`delete from storage.buckets where id = ${id}`
      if (count === 0) throw denied('You may see this bucket, but not delete it')
    })
    return context.json({ message: 'Successfully deleted' })
  })

  return app
}
