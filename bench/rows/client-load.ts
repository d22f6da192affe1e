import { brotliCompressSync } from 'node:zlib'
import type { Bench } from '../bench'
import type { EmptySite } from './client-empty-site'
import { drawn, type Stage, type Visit } from './client-stage'

const QUIET_MS = 1_500

type Script = { url: string; sent: number; parsed: number }
/** The scripts that the page ran when it was drawn, and how many were put aside afterwards. */
type Loaded = { lcp: number; scripts: Script[]; later: number }

/** C1, C2 and the load's part of C3: the first visit and the next one on a phone, beside a page with nothing on it. */
export async function load(bench: Bench, stage: Stage, empty: EmptySite) {
  const line = await loadEmpty(stage, empty)
  const visit = await stage.visit({ phone: true })
  try {
    const cold = await loadChannel(stage, visit)
    const { blocked, cls } = await visit.page.evaluate(() => window.probe)
    const warm = await loadChannel(stage, visit)
    const sum = (scripts: Script[], part: 'sent' | 'parsed') =>
      scripts.reduce((all, script) => all + script[part], 0) / 1024
    bench.add('client-js', sum(cold.scripts, 'sent'), line.sent)
    bench.add('client-js-parsed', sum(cold.scripts, 'parsed'), sum(line.cold.scripts, 'parsed'))
    bench.add('client-lcp-cold', cold.lcp / 1000, line.cold.lcp / 1000)
    bench.add('client-lcp-warm', warm.lcp / 1000, line.warm.lcp / 1000)
    bench.add('client-tbt', blocked, line.blocked)
    bench.add('client-cls', cls)
    bench.note('JavaScript files of the first channel view', String(cold.scripts.length))
    bench.note('JavaScript that is kept for later once the page is idle', `${cold.later} files`)
  } finally {
    await visit.close()
  }
}

async function loadChannel({ path, quiet }: Stage, { page }: Visit): Promise<Loaded> {
  await page.goto(path(quiet[0] ?? ''))
  await drawn(page, 'topic-0')
  return settle(page)
}

async function loadEmpty(stage: Stage, empty: EmptySite) {
  const visit = await stage.blank(true)
  try {
    const once = async () => {
      await visit.page.goto(empty.url)
      await visit.page.getByText('Nothing').waitFor()
      return settle(visit.page)
    }
    const cold = await once()
    const blocked = await visit.page.evaluate(() => window.probe.blocked)
    const warm = await once()
    // Its own server compresses with gzip: what the same files are with brotli is what the product is compared with.
    const bodies = cold.scripts.map(async ({ url }) =>
      Buffer.from(await (await fetch(new URL(url, empty.url))).arrayBuffer()),
    )
    const sent = (await Promise.all(bodies)).reduce((sum, body) => sum + brotliCompressSync(body).length, 0)
    return { cold, warm, blocked, sent: sent / 1024 }
  } finally {
    await visit.close()
  }
}

/** Waits until nothing has been loaded for a while: the cache is then full, and LCP is what it will be. */
async function settle(page: Visit['page']): Promise<Loaded> {
  let seen = -1
  for (;;) {
    const count = await page.evaluate(() => performance.getEntriesByType('resource').length)
    if (count === seen) break
    seen = count
    await page.waitForTimeout(QUIET_MS)
  }
  return page.evaluate(() => {
    const all = (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).filter(({ name }) =>
      /\.js(\?|$)/.test(name),
    )
    // What is put aside for the day without a network comes by way of the worker that keeps it, once the page is idle.
    const now = all.filter(({ workerStart }) => workerStart === 0)
    return {
      lcp: window.probe.lcp,
      scripts: now.map(({ name, encodedBodySize, decodedBodySize }) => ({
        url: name,
        sent: encodedBodySize,
        parsed: decodedBodySize,
      })),
      later: all.length - now.length,
    }
  })
}
