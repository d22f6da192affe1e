import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import { startCluster } from '../backend/postgres/cluster'
import { connectDatabase } from '../e2e/database'
import { freePort, startProduct } from '../e2e/product'
import type { Common } from './bench'
import { type Crowd, makeCrowdIn } from './crowd'

/** What a history is made of. */
export type Contents = {
  /** Prepares what `body` reads, on the connection that writes. */
  prepare?(sql: Sql): Promise<void>
  /** SQL of a text, of `n`, the number of the message among all. */
  body: string
  /** Further tables to read it from, with `on` and all. */
  joins?: string
  /** Over how many seconds the messages of a channel are spread, up to now. */
  seconds(perChannel: number): number
  /** Without the index of the search, which takes longer than everything else and which nobody who only reads needs. */
  searchable: boolean
}

/**
 * A product on a database that was filled before it started, as many messages as asked for: the stream of changes of ten million
 * rows is not what is measured.
 */
export async function withHistory<T>(
  bench: Common,
  contents: Contents,
  work: (opened: { product: Running; databaseUrl: string; crowd: Crowd; perChannel: number }) => Promise<T>,
): Promise<T> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'enterprise-chat-bench-'))
  await chmod(dataFolder, 0o711)
  const port = await freePort()
  const cluster = await startCluster({ dataFolder, password: 'bench', port, log: () => {} })
  const databaseUrl = `postgresql://supabase_admin:bench@127.0.0.1:${port}/postgres`
  // The first start makes the people; the second finds the messages.
  const product = await startProduct({ verb: 'backend', env: { DATABASE_URL: databaseUrl } })
  try {
    const secrets = { ...product.secrets, databaseUrl }
    const crowd = await makeCrowdIn({ secrets, url: product.url }, 64)
    await product.quit()
    const perChannel = Math.floor(bench.messages / (crowd.channels.length + 1))
    const seconds = await writeHistory(databaseUrl, crowd, perChannel, contents)
    const what = contents.searchable ? 'with the index of the search' : 'without the index of the search'
    bench.note(`seeding ${bench.messages / 1e6} million messages, ${what}`, `${Math.round(seconds)} s`)
    await product.start()
    return await work({ product, databaseUrl, crowd, perChannel })
  } finally {
    await product.stop()
    await cluster.stop('immediate')
    await rm(dataFolder, { recursive: true, force: true })
  }
}

export type Running = Awaited<ReturnType<typeof startProduct>>

/** In the order of their numbers, past triggers and keys; indexes are made at the end. */
async function writeHistory(databaseUrl: string, crowd: Crowd, perChannel: number, contents: Contents) {
  const { people, channels, shared } = crowd
  const started = performance.now()
  const sql = connectDatabase(databaseUrl, { max: 1 })
  try {
    const indexes = await sql<{ indexname: string; drop: string; make: string }[]>`
      select indexname, format('drop index public.%I', indexname) as drop, indexdef as make from pg_indexes
      where schemaname = 'public' and tablename = 'messages' and indexname <> 'messages_pkey'`
    for (const { drop } of indexes) await sql.unsafe(drop)
    await sql`set session_replication_role = replica`
    await sql`set maintenance_work_mem = '512MB'`
    await contents.prepare?.(sql)
    const all = [shared, ...channels]
    const span = contents.seconds(perChannel)
    // Ids that grow, as UUIDv7 does: an index that is filled at its end.
    await sql`
      insert into public.messages (id, channel_id, user_id, seq, thread_seq, rev, body, created_at)
      select lpad(to_hex(n), 32, '0')::uuid, channel,
        (${people.map((p) => p.userId)}::uuid[])[1 + (seq + numbered.place) % ${people.length}], seq, null, seq, ${sql.unsafe(contents.body)},
        now() - interval '1 second' * (${span} * (1 - seq::float8 / ${perChannel}))
      from (
        select seq, channel, place, seq * ${all.length} + place as n
        from generate_series(1, ${perChannel}::bigint) seq, unnest(${all}::uuid[]) with ordinality u (channel, place)
      ) numbered ${sql.unsafe(contents.joins ?? '')}`
    for (const { indexname, make } of indexes) {
      if (contents.searchable || indexname !== 'messages_search_idx') await sql.unsafe(make)
    }
    await sql`update public.channel_heads set last_seq = ${perChannel}, last_rev = ${perChannel} where channel_id = any (${all})`
    await sql`vacuum analyze public.messages`
    await sql`checkpoint`
  } finally {
    await sql.end()
  }
  return (performance.now() - started) / 1000
}
