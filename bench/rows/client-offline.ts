import { keptText } from '../../e2e/kept'
import { startProxy } from '../../e2e/proxy'
import type { Bench } from '../bench'
import { percentile } from '../statistics'
import { drawn, type Stage, saidIn } from './client-stage'

const STARTS = 8
const KEPT_IN_MS = 60_000

/** C10: nobody answers, a quarter of the processor: from the start of the page to the frame with what was read last. */
export async function offlineStart(bench: Bench, stage: Stage) {
  const proxy = await startProxy({ port: Number(new URL(stage.url).port) })
  const { page, devtools, close } = await stage.visit({ url: proxy.url })
  try {
    await page.goto(stage.path(stage.quiet[0] ?? ''))
    await drawn(page, 'topic-0')
    const until = Date.now() + KEPT_IN_MS
    for (let kept = ''; !isKept(kept, proxy.url); kept = await keptText(page)) {
      if (Date.now() > until) throw new Error('the browser kept nothing to start from')
    }
    proxy.cut()
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 })
    const times: number[] = []
    for (let start = 0; start < STARTS; start++) {
      await page.goto('about:blank')
      await page.goto(stage.path(stage.quiet[0] ?? ''), { waitUntil: 'commit' })
      times.push(await page.evaluate(readable, saidIn('topic-0')))
    }
    bench.add('client-offline', percentile(times, 0.95) / 1000)
    bench.note('start without a network, p50', `${Math.round(percentile(times, 0.5))} ms`)
  } finally {
    await close()
    await proxy.stop()
  }
}

/** The sidebar, the messages and the frame itself. */
const isKept = (text: string, url: string) =>
  text.includes(saidIn('topic-0')) && text.includes('last_read_seq') && text.includes(`${url}/w/`)

/** Milliseconds from the start of the navigation until the text has been drawn. */
function readable(said: string): Promise<number> {
  return new Promise((resolve) => {
    const look = () => {
      const log = document.querySelector<HTMLElement>('main [role="log"]')
      const shown = log && log.style.visibility !== 'hidden' && log.textContent?.includes(said)
      if (shown) resolve(window.probe.afterFrame())
      else requestAnimationFrame(look)
    }
    look()
  })
}
