import type postgres from 'postgres'
import type { Access, Transaction } from './access'
import { refusals } from './errors'

/** What is known of the bytes of a file, in S3's words. */
export type Metadata = {
  eTag: string
  size: number
  mimetype: string
  cacheControl: string
  /** ISO 8601. */
  lastModified: string
  contentLength: number
  httpStatusCode: number
}

/** A row of `storage.objects`. */
export type StoredObject = {
  id: string
  bucket_id: string
  name: string
  owner: string | null
  owner_id: string | null
  version: string
  metadata: Metadata | null
  user_metadata: Record<string, unknown> | null
  created_at: Date
  updated_at: Date
  last_accessed_at: Date
}

/** A row of `storage.buckets`. */
export type Bucket = {
  id: string
  name: string
  owner: string | null
  public: boolean
  type: string
  file_size_limit: number | null
  allowed_mime_types: string[] | null
  created_at: Date
  updated_at: Date
}

/** What is written of a file. */
export type Draft = {
  id: string
  bucketId: string
  key: string
  ownerId: string | null
  version: string
  metadata: Metadata
  userMetadata: Record<string, unknown> | null
}

/** `create` refuses a name that is taken, `upsert` replaces what has it, `update` refuses one that is free. */
export type Mode = 'create' | 'upsert' | 'update'

type Sql = postgres.Sql | Transaction

const objectColumns =
  'id, bucket_id, name, owner, owner_id, version, metadata, user_metadata, created_at, updated_at, last_accessed_at'
const bucketColumns =
  'id, name, owner, public, type, file_size_limit::float8 as file_size_limit, allowed_mime_types, created_at, updated_at'

export async function findBucket(sql: Sql, id: string): Promise<Bucket> {
  const [bucket] = await sql<
    Bucket[]
  >`select ${sql.unsafe(bucketColumns)} from storage.buckets where id = ${id}`
  if (!bucket) throw refusals.noSuchBucket()
  return bucket
}

export function bucketFields(sql: Sql) {
  return sql.unsafe(bucketColumns)
}

export async function findObjects(sql: Sql, bucketId: string, keys: string[]): Promise<StoredObject[]> {
  return sql<StoredObject[]>`select ${sql.unsafe(objectColumns)} from storage.objects
    where bucket_id = ${bucketId} and name = any (${keys})`
}

export async function findObject(sql: Sql, bucketId: string, key: string): Promise<StoredObject> {
  const [object] = await findObjects(sql, bucketId, [key])
  if (!object) throw refusals.noSuchKey()
  return object
}

/** Writes the row of a file. It reads nothing back: that would ask for more rights than writing does. */
export async function putObject(sql: Sql, mode: Mode, draft: Draft): Promise<void> {
  const { id, bucketId, key, ownerId, version, metadata, userMetadata } = draft
  const values = {
    owner: ownerId !== null && isUuid.test(ownerId) ? ownerId : null,
    owner_id: ownerId,
    version,
    metadata: sql.json(metadata),
    user_metadata: userMetadata === null ? null : sql.json(userMetadata as postgres.JSONValue),
  }
  if (mode === 'update') {
    const { count } = await sql`update storage.objects set ${sql(values)}
      where bucket_id = ${bucketId} and name = ${key}`
    if (count === 0) throw refusals.noSuchKey()
    return
  }
  const row = { id, bucket_id: bucketId, name: key, ...values }
  const replacing = sql`on conflict (bucket_id, name) do update set owner = excluded.owner, owner_id = excluded.owner_id,
    version = excluded.version, metadata = excluded.metadata, user_metadata = excluded.user_metadata`
  await sql`insert into storage.objects ${sql(row)} ${mode === 'upsert' ? replacing : sql``}`
}

/** Removes rows; their bytes follow by a trigger. Returns what was there and could be seen. */
export function deleteObjects(sql: Sql, bucketId: string, keys: string[]) {
  return sql<
    StoredObject[]
  >`delete from storage.objects where bucket_id = ${bucketId} and name = any (${keys})
    returning ${sql.unsafe(objectColumns)}`
}

/** The id that the row of a version has. */
export async function idOfVersion({ own }: Access, version: string): Promise<string | undefined> {
  const [row] = await own<{ id: string }[]>`select id from storage.objects where version = ${version}`
  return row?.id
}

const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
