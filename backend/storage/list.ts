import { z } from 'zod'
import type { Transaction } from './access'
import { invalid } from './errors'

/** What one page of a list holds at most. */
const MAX_PAGE = 1000
const limit = z.number().int().min(1).default(100)

/** The body of `list`. */
export const searchSchema = z.object({
  prefix: z.string().max(1024).default(''),
  limit,
  offset: z.number().int().min(0).max(2_147_483_647).default(0),
  search: z.string().max(1024).default(''),
  sortBy: z
    .object({
      column: z.enum(['name', 'updated_at', 'created_at', 'last_accessed_at']).default('name'),
      order: z.enum(['asc', 'desc']).default('asc'),
    })
    .default({ column: 'name', order: 'asc' }),
})

/** One level below a folder: folders first, then files. */
export async function searchObjects(sql: Transaction, bucketId: string, asked: z.infer<typeof searchSchema>) {
  const { offset, search, sortBy } = asked
  const prefix = asked.prefix !== '' && !asked.prefix.endsWith('/') ? `${asked.prefix}/` : asked.prefix
  const levels = prefix.split('/').length
  const count = Math.min(asked.limit, MAX_PAGE)
  return sql`select * from storage.search(${prefix}, ${bucketId}, ${count}, ${levels}, ${offset}, ${search},
    ${sortBy.column}, ${sortBy.order})`
}

/** The body of `list-v2`. */
export const listSchema = z.object({
  prefix: z.string().max(1024).default(''),
  limit: limit.default(1000),
  cursor: z.string().max(4096).optional(),
  with_delimiter: z.boolean().default(false),
  sortBy: z
    .object({
      column: z.enum(['name', 'updated_at', 'created_at']),
      order: z.enum(['asc', 'desc']).default('asc'),
    })
    .default({ column: 'name', order: 'asc' }),
})

/** Where a page ended: the sorted value and the key of its last entry. */
const cursorSchema = z.object({ v: z.string(), k: z.string() })

type Entry = {
  key: string
  /** The value that is sorted by, as text that PostgreSQL reads back exactly. */
  place: string
  id: string | null
  metadata: unknown
  created_at: Date
  updated_at: Date
  last_accessed_at: Date
}

/** A page of keys below a prefix, with folders folded if asked for. Folders are as old as the oldest file in them. */
export async function listObjects(sql: Transaction, bucketId: string, asked: z.infer<typeof listSchema>) {
  const { prefix, with_delimiter: folded, sortBy } = asked
  const count = Math.min(asked.limit, MAX_PAGE)
  const after = asked.cursor === undefined ? null : readCursor(asked.cursor)
  const byName = sortBy.column === 'name'
  // Of a closed list, and part of the statement.
  const direction = sql.unsafe(sortBy.order)
  const beyond = sql.unsafe(sortBy.order === 'desc' ? '<' : '>')
  const value = byName ? sql`key collate "C"` : sql`${sql.unsafe(sortBy.column)}`
  const start =
    after === null ? null : byName ? sql`${after.k}::text collate "C"` : sql`${after.v}::text::timestamptz`
  const rest = sql`substr(name, ${prefix.length + 1})`
  const entries = await sql<Entry[]>`
    with found as (
      select *, case when ${folded} and position('/' in ${rest}) > 0
        then ${prefix} || split_part(${rest}, '/', 1) || '/' else name end as key
      from storage.objects where bucket_id = ${bucketId} and name collate "C" ^@ ${prefix}
    ), entries as (
      select key, id, metadata, created_at, updated_at, last_accessed_at from found where key = name
      union all
      select key, null, null, min(created_at), min(created_at), min(last_accessed_at)
      from found where key <> name group by key
    )
    select *, ${byName ? sql`''` : sql`(${value})::text`} as place from entries
    where ${start === null ? sql`true` : sql`(${value}, key collate "C") ${beyond} (${start}, ${after?.k ?? ''} collate "C")`}
    order by ${value} ${direction}, key collate "C" ${direction} limit ${count + 1}`
  const page = entries.slice(0, count)
  const last = page.at(-1)
  const hasNext = entries.length > count && last !== undefined
  return {
    hasNext,
    folders: page.filter(({ id }) => id === null).map(({ key }) => ({ name: key, key })),
    objects: page
      .filter(({ id }) => id !== null)
      .map(({ place: _place, ...entry }) => ({ ...entry, name: entry.key })),
    ...(hasNext ? { nextCursor: writeCursor({ v: last.place, k: last.key }) } : {}),
  }
}

function writeCursor(cursor: z.infer<typeof cursorSchema>): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url')
}

function readCursor(text: string): z.infer<typeof cursorSchema> {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()))
  } catch {
    throw invalid('Invalid Parameter cursor', 'InvalidParameter')
  }
}
