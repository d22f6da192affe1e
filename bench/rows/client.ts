import type { Bench } from '../bench'
import { actions } from './client-actions'
import { type EmptySite, startEmptySite } from './client-empty-site'
import { load } from './client-load'
import { offlineStart } from './client-offline'
import { loadOlder, scrolling } from './client-scroll'
import { drawn, openStage, type Stage, writeSeed } from './client-stage'
import { switching } from './client-switch'
import { sending, typing } from './client-typing'

/** What the product is in a browser: how soon it shows something, how soon it answers, what it weighs. */
export async function client(bench: Bench) {
  const empty = await startEmptySite()
  const stage = await openStage(bench, await writeSeed(bench))
  const run = async (part: (bench: Bench, stage: Stage, empty: EmptySite) => Promise<void>) => {
    const start = performance.now()
    await part(bench, stage, empty)
    console.error(`  ${part.name}: ${Math.round((performance.now() - start) / 1000)} s`)
  }
  try {
    for (let repeat = 0; repeat < bench.repeats; repeat++) {
      await run(load)
      await run(offlineStart)
    }
    // Minutes, and hundreds of samples, each: once is enough.
    for (const part of [actions, switching, longChannel]) await run(part)
  } finally {
    await stage.close()
    await empty.stop()
  }
}

/** C5, C6 and C7 in one channel that somebody has scrolled far back in. */
async function longChannel(bench: Bench, stage: Stage) {
  const visit = await stage.visit()
  const { page } = visit
  try {
    await page.goto(stage.path(stage.busy))
    await drawn(page, 'busy')
    await sending(bench, stage, page)
    const half = await loadOlder(page, 5_000)
    await page
      .getByRole('log')
      .first()
      .evaluate((log) => log.scrollTo(0, log.scrollHeight))
    await typing(bench, stage, page)
    bench.add('client-scroll-jump', Math.max(half, await loadOlder(page, 9_900)))
    await scrolling(bench, stage, visit)
  } finally {
    await visit.close()
  }
}
