import type { Sql } from 'postgres'
import type { Crowd } from '../crowd'
import type { Contents } from '../history'

const WORDS = 50_000
const FRAGMENTS = 200_000
const FRAGMENT_LENGTH = 8

/** So many newest hits are compared. */
export const NEWEST = 20

export type Asked = { text: string; from?: string; place?: string }

export const terms = (text: string) => [{ text }]

/**
 * Messages of sixteen words and a number that is in no other. How often a word occurs falls with its rank, as in what people write:
 * the first is in two of three messages, the hundredth in one of seventy, the ten thousandth in one of seven thousand.
 */
export const vocabulary: Pick<Contents, 'prepare' | 'body' | 'joins'> = {
  async prepare(sql) {
    await sql`select setseed(0.5)`
    await sql`create temporary table fragments as
      select at, string_agg('w' || floor(exp(random() * ln(${WORDS}::float8)))::int, ' ') as words
      from generate_series(0, ${FRAGMENTS - 1}::int) at, generate_series(1, ${FRAGMENT_LENGTH}::int)
      group by at`
    await sql`analyze fragments`
  },
  body: `a.words || ' ' || b.words || ' ticket' || n`,
  // Two that have nothing to do with each other, the same in each run.
  joins: `
    join fragments a on a.at = (n * 2654435761) % ${FRAGMENTS}
    join fragments b on b.at = (n * 40503 + 7) % ${FRAGMENTS}`,
}

const RANKS = {
  common: [1, 2, 3, 5, 8],
  middle: [60, 100, 200, 400, 800],
  rare: [5_000, 10_000, 20_000, 40_000],
}

/** About two hundred searches: three classes of words, each everywhere, in a channel, by a person and as a phrase. */
export async function makeQueries(sql: Sql, { people }: Crowd): Promise<Asked[]> {
  const handles = await sql<{ handle: string }[]>`
    select handle from public.profiles where id = any (${people.map(({ userId }) => userId)}) order by handle`
  const queries: Asked[] = []
  for (const ranks of Object.values(RANKS)) {
    for (let n = 0; n < 64; n++) {
      const text = `w${(ranks[n % ranks.length] as number) + Math.floor(n / ranks.length)}`
      const [kind] = [n % 4]
      if (kind === 0) queries.push({ text })
      else if (kind === 1) queries.push({ text, place: n % 8 === 1 ? '#shared' : `#own-${n % 32}` })
      else if (kind === 2) queries.push({ text, from: handles[n % handles.length]?.handle as string })
      else queries.push({ text: await phraseWith(sql, text) })
    }
  }
  // A common and a rare one after the other, so that a short run meets all of them.
  return queries
    .map((query, index) => ({ query, place: (index * 61) % queries.length }))
    .sort((a, b) => a.place - b.place)
    .map(({ query }) => query)
}

/** Two words that stand beside each other somewhere. */
async function phraseWith(sql: Sql, word: string): Promise<string> {
  const [row] = await sql`
    select body from (select body from public.messages order by id limit 200000) m
    where ' ' || body || ' ' like ${`% ${word} %`} limit 1`
  const words = String(row?.body ?? word).split(' ')
  const at = words.indexOf(word)
  return words.slice(at, at + 2).join(' ')
}

/** The ids of the newest hits, found by a look at every message. */
export async function newestByHand(sql: Sql, { text, from, place }: Asked): Promise<string[]> {
  const rows = await sql`
    select m.id
    from public.messages m
    join public.channels c on c.id = m.channel_id
    left join public.profiles p on p.id = m.user_id
    where ' ' || m.body || ' ' like ${`% ${text} %`}
      and (${from ?? null}::text is null or p.handle = ${from ?? null})
      and (${place ?? null}::text is null or '#' || c.name = ${place ?? null})
    order by m.created_at desc, m.id desc
    limit ${NEWEST}`
  return rows.map(({ id }) => id)
}
