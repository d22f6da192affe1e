import { connectDatabase } from '../../e2e/database'
import type { Common } from '../bench'
import type { Crowd } from '../crowd'
import { type Contents, type Running, withHistory } from '../history'
import { runJob } from '../run-job'
import { acceptReads } from './pages'
import { type Asked, makeQueries, NEWEST, newestByHand, terms, vocabulary } from './search-queries'

/** Channels that one of the readers is in besides those with messages. */
const EMPTY_CHANNELS = 2_000
/** Looks at every message, which takes seconds each. */
const ORACLE_QUERIES = 12

const SEARCH = `select public.search_messages(workspace_id => $1::uuid, terms => $2::jsonb,
  from_handles => $3::text[], in_places => $4::text[])::text`

const contents: Contents = {
  ...vocabulary,
  seconds: () => 3 * 365 * 86_400,
  searchable: true,
}

/**
 * Searching three years of a company: words that are in every other message, in one of a hundred, in one of ten thousand; everywhere,
 * in a channel, by a person, as a phrase; by somebody in a few channels and by somebody in two thousand.
 */
export async function search(bench: Common) {
  await withHistory(bench, contents, async ({ product, databaseUrl, crowd }) => {
    const sql = connectDatabase(databaseUrl, { max: 1 })
    try {
      const [found] = await sql`select workspace_id from public.channels where id = ${crowd.shared}`
      const workspaceId = found?.workspace_id as string
      await joinMany(databaseUrl, workspaceId, crowd)
      const queries = await makeQueries(sql, crowd)
      for (let repeat = 0; repeat < bench.repeats; repeat++) {
        await latency(bench, product, databaseUrl, { workspaceId, crowd, queries })
      }
      await recall(bench, sql, { workspaceId, crowd, queries })
      await lag(bench, product, workspaceId, crowd)
    } finally {
      await sql.end()
    }
  })
}

type Searched = { workspaceId: string; crowd: Crowd; queries: Asked[] }

async function latency(
  bench: Common,
  { url, secrets }: Running,
  databaseUrl: string,
  { workspaceId, crowd, queries }: Searched,
) {
  const readers = crowd.people.slice(0, 2)
  const seconds = Math.max(bench.seconds, 20)
  const line = acceptReads(
    await runJob('sqlReads', {
      databaseUrl,
      connections: readers.length,
      text: SEARCH,
      seconds,
      readers: readers.map(({ userId }) => ({
        userId,
        values: queries.map(({ text, from, place }) => [
          workspaceId,
          JSON.stringify(terms(text)),
          from ? `{${from}}` : '{}',
          place ? `{${place}}` : '{}',
        ]),
      })),
    }),
  )
  const rest = acceptReads(
    await runJob('restReads', {
      url,
      key: secrets.publishableKey,
      seconds,
      readers: readers.map(({ token }) => ({
        token,
        requests: queries.map(({ text, from, place }) => ({
          path: '/rest/v1/rpc/search_messages',
          body: JSON.stringify({
            workspace_id: workspaceId,
            terms: terms(text),
            from_handles: from ? [from] : [],
            in_places: place ? [place] : null,
          }),
        })),
      })),
    }),
  )
  bench.add('search-p50', rest.p50, line.p50)
  bench.add('search-p95', rest.p95, line.p95)
  bench.add('search-p99', rest.p99, line.p99)
  bench.note('searches', `${queries.length} different ones, ${rest.answers} answers, ${rest.bytes} bytes`)
}

/** The share of what a look at every message finds, of the newest. */
async function recall(
  bench: Common,
  sql: ReturnType<typeof connectDatabase>,
  { workspaceId, crowd, queries }: Searched,
) {
  const step = Math.max(1, Math.floor(queries.length / ORACLE_QUERIES))
  let due = 0
  let found = 0
  for (let index = 0; index < queries.length; index += step) {
    const query = queries[index] as Asked
    const wanted = await newestByHand(sql, query)
    const claims = JSON.stringify({ sub: crowd.people[0]?.userId, role: 'authenticated' })
    const answer = await sql.begin(async (tx) => {
      await tx`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${claims}, true)`
      const [row] = await tx`select public.search_messages(
        workspace_id => ${workspaceId}, terms => ${tx.json(terms(query.text))},
        from_handles => ${query.from ? [query.from] : []}::text[],
        in_places => ${query.place ? [query.place] : null}::text[], page_size => ${NEWEST}) as page`
      return row?.page.messages.map(({ id }: { id: string }) => id) as string[]
    })
    due += Math.max(wanted.length, answer.length)
    found += wanted.filter((id, place) => answer[place] === id).length
  }
  bench.add('search-recall', found / due)
}

/** How soon a message is found, while others are sent. */
async function lag(bench: Common, { url, secrets }: Running, workspaceId: string, crowd: Crowd) {
  const senders = crowd.people.slice(0, 32).map((person, index) => ({
    ...person,
    channelId: crowd.channels[index] as string,
  }))
  for (let repeat = 0; repeat < bench.repeats; repeat++) {
    const result = await runJob('findable', {
      url,
      key: secrets.publishableKey,
      workspaceId,
      senders,
      perSecond: 10,
      noisePerSecond: 200,
      seconds: Math.max(bench.seconds, 20),
    })
    if (result.failures.length > 0)
      throw new Error(`${result.failures.length} were not found, the first with: ${result.failures[0]}`)
    bench.add('search-lag', result.p99 / 1000)
    bench.note(
      'a message is found after',
      `p50 ${result.p50.toFixed(1)} ms, generator late, p99: ${result.late.toFixed(1)} ms`,
    )
  }
}

/** The second reader is in many channels: too many to be named in a search. */
async function joinMany(databaseUrl: string, workspaceId: string, { people }: Crowd) {
  const sql = connectDatabase(databaseUrl, { max: 1 })
  try {
    await sql`
      with made as (
        insert into public.channels (workspace_id, kind, name)
        select ${workspaceId}, 'private', 'empty-' || n from generate_series(1, ${EMPTY_CHANNELS}::int) n
        returning id
      )
      select count(*) from made`
    await sql`
      insert into public.channel_members (channel_id, user_id, workspace_id)
      select id, ${people[1]?.userId as string}, workspace_id from public.channels
      where workspace_id = ${workspaceId} and name like 'empty-%'`
    await sql`analyze public.channels, public.channel_members, private.channel_access`
  } finally {
    await sql.end()
  }
}
