import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCluster } from '../../backend/postgres/cluster'
import { connectDatabase } from '../../e2e/database'
import { freePort, startProduct } from '../../e2e/product'
import type { Common } from '../bench'
import { type Crowd, makeCrowdIn } from '../crowd'
import { runJob } from '../run-job'
import { acceptReads } from './pages'

const MESSAGES = 10_000_000
/** Different places that each reader visits. */
const PLACES = 400
const READERS = 2

const PAGE = 'select public.channel_page(channel_id => $1, before_seq => $2::bigint)::text'

/**
 * What scrolling back costs in a company's whole history. The product runs on a database that was filled before it
 * started: the stream of changes of ten million rows is not what is measured.
 */
export async function history(bench: Common) {
  const dataFolder = await mkdtemp(join(tmpdir(), 'enterprise-chat-bench-'))
  await chmod(dataFolder, 0o711)
  const port = await freePort()
  const cluster = await startCluster({ dataFolder, password: 'bench', port, log: () => {} })
  const databaseUrl = `postgresql://supabase_admin:bench@127.0.0.1:${port}/postgres`
  const env = { DATABASE_URL: databaseUrl }
  // The first start makes the people; the second finds the messages.
  const product = await startProduct({ verb: 'backend', env })
  try {
    const secrets = { ...product.secrets, databaseUrl }
    const crowd = await makeCrowdIn({ secrets, url: product.url }, 64)
    await product.quit()
    const seconds = await writeHistory(databaseUrl, crowd)
    bench.note('seeding 10 million messages', `${Math.round(seconds)} s`)
    await product.start()
    for (let repeat = 0; repeat < bench.repeats; repeat++) await measure(bench, product, databaseUrl, crowd)
  } finally {
    await product.stop()
    await cluster.stop('immediate')
    await rm(dataFolder, { recursive: true, force: true })
  }
}

type Running = Awaited<ReturnType<typeof startProduct>>

async function measure(bench: Common, { url, secrets }: Running, databaseUrl: string, crowd: Crowd) {
  const channels = [crowd.shared, ...crowd.channels]
  const most = Math.floor(MESSAGES / channels.length)
  const readers = crowd.people.slice(0, READERS).map((person, index) => ({
    ...person,
    // A person reads in the channel that everybody shares and in their own.
    places: Array.from({ length: PLACES }, (_, turn) => [
      channels[turn % 2 === 0 ? 0 : index + 1] as string,
      String(2 + Math.floor(Math.random() * most)),
    ]),
  }))
  const line = acceptReads(
    await runJob('sqlReads', {
      databaseUrl,
      connections: READERS,
      text: PAGE,
      seconds: bench.seconds,
      readers: readers.map(({ userId, places }) => ({ userId, values: places })),
    }),
  )
  const rest = acceptReads(
    await runJob('restReads', {
      url,
      key: secrets.publishableKey,
      seconds: bench.seconds,
      readers: readers.map(({ token, places }) => ({
        token,
        requests: places.map(([channel_id, before]) => ({
          path: '/rest/v1/rpc/channel_page',
          body: JSON.stringify({ channel_id, before_seq: Number(before) }),
        })),
      })),
    }),
  )
  bench.add('history-p50', rest.p50, line.p50)
  bench.add('history-p99', rest.p99, line.p99)
}

/** Ten million messages in the order of their numbers, past triggers and keys; indexes are made at the end. */
async function writeHistory(databaseUrl: string, { people, channels, shared }: Crowd): Promise<number> {
  const started = performance.now()
  const sql = connectDatabase(databaseUrl, { max: 1 })
  try {
    const indexes = await sql<{ drop: string; make: string }[]>`
      select format('drop index public.%I', indexname) as drop, indexdef as make from pg_indexes
      where schemaname = 'public' and tablename = 'messages' and indexname <> 'messages_pkey'`
    for (const { drop } of indexes) await sql.unsafe(drop)
    await sql`set session_replication_role = replica`
    await sql`set maintenance_work_mem = '512MB'`
    const all = [shared, ...channels]
    const each = Math.floor(MESSAGES / all.length)
    // Ids that grow, as UUIDv7 does: an index that is filled at its end.
    await sql`
      insert into public.messages (id, channel_id, user_id, seq, thread_seq, rev, body, created_at)
      select lpad(to_hex(seq * ${all.length} + place), 32, '0')::uuid, channel, 
        (${people.map((p) => p.userId)}::uuid[])[1 + (seq + place) % ${people.length}], seq, null, seq,
        'The migration finished without errors; I will watch the queue for another hour and then close ticket ' || seq,
        now() - interval '1 second' * (${each} - seq)
      from generate_series(1, ${each}::bigint) seq, unnest(${all}::uuid[]) with ordinality u(channel, place)`
    for (const { make } of indexes) await sql.unsafe(make)
    await sql`update public.channel_heads set last_seq = ${each}, last_rev = ${each} where channel_id = any (${all})`
    await sql`vacuum analyze public.messages`
    await sql`checkpoint`
  } finally {
    await sql.end()
  }
  return (performance.now() - started) / 1000
}
