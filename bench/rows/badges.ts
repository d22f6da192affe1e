import { connectDatabase } from '../../e2e/database'
import type { Bench } from '../bench'
import { runJob } from '../run-job'
import { acceptReads } from './pages'

const CHANNELS = 300

const QUERY = 'select=channel_id,channels(channel_heads(last_seq)),read_states(last_read_seq,unread_from_seq)'

/** The same by hand: unread is a subtraction. */
const TEXT = `select coalesce(json_agg(b), '[]')::text from (
  select r.channel_id, h.last_seq, r.last_read_seq, r.unread_from_seq
  from public.read_states r join public.channel_heads h on h.channel_id = r.channel_id
  where r.user_id = private.person_id()
) b`

/** What tells a client which of three hundred channels have something unread. */
export async function badges(bench: Bench) {
  const { key, url, seconds, crowd, databaseUrl } = bench
  const reader = crowd.people.at(-1)
  const writer = crowd.people.at(-2)
  if (!reader || !writer) throw new Error('nobody')
  const sql = connectDatabase(databaseUrl, { max: 1 })
  try {
    const made = await sql<{ id: string }[]>`
      insert into public.channels (id, workspace_id, kind, name)
      select gen_random_uuid(), c.workspace_id, 'public', 'badge-' || left(gen_random_uuid()::text, 13)
      from public.channels c, generate_series(1, ${CHANNELS}) where c.id = ${crowd.shared}
      returning id`
    const ids = made.map(({ id }) => id)
    await sql`
      insert into public.channel_members (channel_id, user_id, workspace_id)
      select c.id, p.id, c.workspace_id
      from public.channels c, unnest(${[reader.userId, writer.userId]}::uuid[]) p (id) where c.id = any (${ids})`
    await sql`
      insert into public.messages (id, channel_id, user_id, body)
      select gen_random_uuid(), id, ${writer.userId}, 'Something new' from unnest(${ids}::uuid[]) id`
    await sql`analyze`
  } finally {
    await sql.end()
  }
  const line = {
    databaseUrl,
    connections: 1,
    text: TEXT,
    seconds,
    readers: [{ userId: reader.userId, values: [[]] }],
  }
  const path = `/rest/v1/channel_members?${QUERY}&user_id=eq.${reader.userId}`
  const rest = { url, key, seconds, readers: [{ token: reader.token, requests: [{ path }] }] }
  await runJob('restReads', { ...rest, seconds: 2 })
  for (let repeat = 0; repeat < bench.repeats; repeat++) {
    const below = acceptReads(await runJob('sqlReads', line))
    const above = acceptReads(await runJob('restReads', rest))
    bench.add('badges-p99', above.p99, below.p99)
    bench.note('unread badges', `${above.bytes} bytes over REST, ${below.bytes} by hand`)
  }
}
