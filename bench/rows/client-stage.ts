import type { Browser, CDPSession, Page } from 'playwright-core'
import { launchBrowser } from '../../e2e/browser'
import { type Member, makeCrowd, makeWorkspace } from '../../e2e/crowd'
import { connectDatabase } from '../../e2e/database'
import { storedSession } from '../../e2e/seat'
import type { Bench } from '../bench'
import { installProbe } from './client-probe'

const PEOPLE = 24
const CHANNELS = 110
const BUSY = 10_000
const QUIET = 60

/** A phone of the middle of the market: a quarter of this processor, and "Fast 4G" of the older kind. */
const PHONE = { cpu: 4, latency: 150, throughput: (1.6 * 1_000_000) / 8 }

export type Stage = Awaited<ReturnType<typeof openStage>>
export type Visit = { page: Page; devtools: CDPSession; close(): Promise<void> }

export type Seed = Awaited<ReturnType<typeof writeSeed>>

/** A workspace with 110 channels of 60 messages, and one with 10,000. */
export async function writeSeed(bench: Bench) {
  const product = { url: bench.url, secrets: bench as never }
  const people = await makeCrowd(product, PEOPLE)
  const names = ['busy', ...Array.from({ length: CHANNELS }, (_, index) => `topic-${index}`)]
  const { slug, channelIds } = await makeWorkspace(
    product,
    people,
    names.map((name) => ({ name, kind: 'public' })),
  )
  await writeMessages(bench.databaseUrl, people, names, channelIds)
  return { people, slug, channelIds }
}

/** What was written, and a browser to look at it. */
export async function openStage(bench: Bench, { people, slug, channelIds }: Seed) {
  const browser = await launchBrowser()
  const [busy = '', ...quiet] = channelIds
  return {
    url: bench.url,
    key: bench.key,
    people,
    path: (channelId: string) => `/w/${slug}/c/${channelId}`,
    busy,
    /** Channel ids in the order of their names' numbers. */
    quiet,
    /** A browser profile of its own, signed in, with nothing of the site in it yet. */
    visit: (options: { phone?: boolean; url?: string } = {}) =>
      openVisit(browser, options.url ?? bench.url, people[0] as Member, options.phone ?? false),
    blank: (phone = false) => openVisit(browser, 'http://127.0.0.1', undefined, phone),
    close: () => browser.close(),
  }
}

async function openVisit(
  browser: Browser,
  url: string,
  member: Member | undefined,
  phone: boolean,
): Promise<Visit> {
  const [name, value] = member ? storedSession(member, url) : ['', '']
  const context = await browser.newContext({
    baseURL: url,
    viewport: phone ? { width: 412, height: 823 } : { width: 1440, height: 900 },
    storageState: { cookies: [], origins: member ? [{ origin: url, localStorage: [{ name, value }] }] : [] },
  })
  // The loader keeps names of functions by a helper that pages do not have.
  await context.addInitScript({ content: 'globalThis.__name ??= (value) => value' })
  await context.addInitScript(installProbe)
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  if (phone) {
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: PHONE.cpu })
    await devtools.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: PHONE.latency,
      downloadThroughput: PHONE.throughput,
      uploadThroughput: PHONE.throughput / 2,
    })
  }
  return { page, devtools, close: () => context.close() }
}

/** What the channel says in its last messages, so that a timeline can be told from another. */
export const saidIn = (name: string) => `said in ${name}`

/** Waits until the messages of this channel are to be seen. */
export const drawn = (page: Page, name: string) =>
  page
    .locator('main article')
    .filter({ hasText: saidIn(name) })
    .last()
    .waitFor()

/** Messages as people write them: short and long, with code, names, lists, reactions now and then. */
async function writeMessages(databaseUrl: string, people: Member[], names: string[], channelIds: string[]) {
  const sql = connectDatabase(databaseUrl, { max: 1 })
  const bodies = [
    'ok',
    'The migration finished without errors; I will watch the queue for another hour and then close the ticket.',
    'Can you look at `bench/targets.ts` before noon? **No hurry** otherwise.',
    '- first the index\n- then the backfill\n- then the new column',
    'https://example.org/a/long/address/that/leads/somewhere?with=a&query=too',
    '```ts\nexport const answer = 42\nexport const question = undefined\n```',
    'Yes. I would rather not do that on a Friday, though: the last time it took us the whole weekend to find out why the replica was behind, and nobody who knew was here.',
    'Thank you :tada:',
  ]
  try {
    for (const [index, channelId] of channelIds.entries()) {
      await sql`
        insert into public.messages (id, channel_id, user_id, body)
        select gen_random_uuid(), ${channelId}, (${people.map((p) => p.userId)}::uuid[])[1 + (n * n / 3) % ${people.length}],
          (${bodies}::text[])[1 + n % ${bodies.length}] || e'\n' || n || ' ' || ${saidIn(names[index] ?? '')}
        from generate_series(1, ${index === 0 ? BUSY : QUIET}) n`
    }
    // Read up to the end: a timeline then opens at its newest message.
    await sql`
      update public.read_states r set last_read_seq = h.last_seq
      from public.channel_heads h where h.channel_id = r.channel_id and r.channel_id = any (${channelIds})`
    await sql`analyze public.messages`
  } finally {
    await sql.end()
  }
}
