import { connectDatabase } from '../../e2e/database'
import type { Bench } from '../bench'
import type { Crowd } from '../crowd'
import type { ReadResult } from '../jobs/reads'
import { runJob } from '../run-job'

const MESSAGES = 500
const READERS = 16
/** Connections of the bare SQL line: as many as the backend opens for reads. */
const LINE_CONNECTIONS = 10
const WARM_UP_SECONDS = 10

const QUERY =
  'select=*,author:profiles!messages_user_id_fkey(id,display_name,handle,avatar_url)&thread_id=is.null&order=seq.desc&limit=50'

/** The same page by hand. */
const TEXT = `select coalesce(json_agg(p), '[]')::text from (
  select m.*, row_to_json(a.*) as author
  from public.messages m
  left join lateral (
    select p.id, p.display_name, p.handle, p.avatar_url from public.profiles p where p.id = m.user_id
  ) a on true
  where m.channel_id = $1 and m.seq < $2::bigint and m.thread_id is null
  order by m.seq desc limit 50
) p`

/** Fifty messages with their authors, by a query string, each repeat directly after the SQL that yields the same. */
export async function pages(bench: Bench) {
  await writeMessages(bench.databaseUrl, bench.crowd)
  await writeMessages(bench.bare.databaseUrl, bench.bare.crowd)
  const depths = [501, 420, 333, 251, 180, 77]
  const rest = (readers: number, seconds: number) =>
    runJob('restReads', {
      url: bench.url,
      key: bench.key,
      seconds,
      readers: bench.crowd.people.slice(0, readers).map(({ token }) => ({
        token,
        requests: depths.map((depth) => ({
          path: `/rest/v1/messages?${QUERY}&channel_id=eq.${bench.crowd.shared}&seq=lt.${depth}`,
        })),
      })),
    })
  const line = (readers: number, seconds: number) =>
    runJob('sqlReads', {
      databaseUrl: bench.bare.databaseUrl,
      connections: Math.min(readers, LINE_CONNECTIONS),
      text: TEXT,
      seconds,
      readers: bench.bare.crowd.people.slice(0, readers).map(({ userId }) => ({
        userId,
        values: depths.map((depth) => [bench.bare.crowd.shared, String(depth)]),
      })),
    })
  await rest(READERS, WARM_UP_SECONDS)
  await line(READERS, 2)
  for (let repeat = 0; repeat < bench.repeats; repeat++) {
    const below = acceptReads(await line(READERS, bench.seconds))
    const above = acceptReads(await rest(READERS, bench.seconds))
    bench.add('pages-16', above.answers / above.seconds, below.answers / below.seconds)
    const calmBelow = acceptReads(await line(1, bench.seconds / 2))
    const calmAbove = acceptReads(await rest(1, bench.seconds / 2))
    bench.add('page-p50', calmAbove.p50, calmBelow.p50)
    bench.note('page of 50 messages', `${above.bytes} bytes over REST, ${below.bytes} by hand`)
  }
}

/** Messages of an ordinary length by everybody in turn, in the channel that they share. */
async function writeMessages(databaseUrl: string, { people, shared }: Crowd) {
  const sql = connectDatabase(databaseUrl, { max: 1 })
  try {
    await sql`
      insert into public.messages (id, channel_id, user_id, body)
      select gen_random_uuid(), ${shared}, (${people.map((p) => p.userId)}::uuid[])[1 + n % ${people.length}],
        'The migration finished without errors; I will watch the queue for another hour and then close ticket ' || n
      from generate_series(1, ${MESSAGES}) n`
    await sql`analyze public.messages`
  } finally {
    await sql.end()
  }
}

export function acceptReads(result: ReadResult): ReadResult {
  if (result.failures.length > 0)
    throw new Error(`${result.failures.length} reads failed, the first with: ${result.failures[0]}`)
  return result
}
