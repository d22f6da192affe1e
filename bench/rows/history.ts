import type { Common } from '../bench'
import { type Contents, withHistory } from '../history'
import { runJob } from '../run-job'
import { acceptReads } from './pages'

/** Different places that each reader visits. */
const PLACES = 400
const READERS = 2

const PAGE = 'select public.channel_page(channel_id => $1, before_seq => $2::bigint)::text'

const contents: Contents = {
  body: `'The migration finished without errors; I will watch the queue for another hour and then close ticket ' || n`,
  seconds: (perChannel) => perChannel,
  searchable: false,
}

/** What scrolling back costs in a company's whole history. */
export async function history(bench: Common) {
  await withHistory(bench, contents, async (opened) => {
    for (let repeat = 0; repeat < bench.repeats; repeat++) await measure(bench, opened)
  })
}

type Opened = Parameters<Parameters<typeof withHistory>[2]>[0]

async function measure(bench: Common, opened: Opened) {
  const { databaseUrl, crowd, perChannel } = opened
  const { url, secrets } = opened.product
  const channels = [crowd.shared, ...crowd.channels]
  const readers = crowd.people.slice(0, READERS).map((person, index) => ({
    ...person,
    // A person reads in the channel that everybody shares and in their own.
    places: Array.from({ length: PLACES }, (_, turn) => [
      channels[turn % 2 === 0 ? 0 : index + 1] as string,
      String(2 + Math.floor(Math.random() * (perChannel - 1))),
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
