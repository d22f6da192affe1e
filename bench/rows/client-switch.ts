import type { Page } from 'playwright-core'
import type { Bench } from '../bench'
import { percentile } from '../statistics'
import { drawn, type Stage, saidIn } from './client-stage'

const VISITED = 100
/** The least recent of more than fifty are let go, so these are still there. */
const AGAIN = 40

/** The line: rows to click on, each of which puts a screenful of plain lines in the place of those before. */
const BARE = `<style>body { display: flex; height: 100vh; margin: 0 } nav, main { overflow-y: auto }</style>
  <nav></nav><main><div role="log"></div></main><script>
    const add = (parent, tag, text) => {
      const made = document.createElement(tag)
      made.textContent = text
      parent.append(made)
      return made
    }
    for (let index = 0; index < 110; index++) {
      const row = add(document.querySelector('nav'), 'a', 'topic-' + index)
      row.dataset.channelRow = ''
      row.style.display = 'block'
      row.onclick = () => {
        const lines = document.createDocumentFragment()
        for (let n = 0; n < 30; n++) add(lines, 'article', n + ' ${saidIn('')}' + row.textContent)
        document.querySelector('[role="log"]').replaceChildren(lines)
      }
    }
  </script>`

/** C4 and C8: a hundred channels opened for the first time, forty of them once more, and what that leaves in memory. */
export async function switching(bench: Bench, stage: Stage) {
  const { page, devtools, close } = await stage.visit()
  try {
    await page.goto(stage.path(stage.quiet[0] ?? ''))
    await drawn(page, 'topic-0')
    const uncached: number[] = []
    for (let index = 1; index <= VISITED; index++) uncached.push(await open(page, index))
    await devtools.send('HeapProfiler.collectGarbage')
    const { usedSize } = (await devtools.send('Runtime.getHeapUsage')) as { usedSize: number }
    const cached = await openAgain(page)
    const bare = await stage.blank()
    await bare.page.setContent(BARE)
    const line = await openAgain(bare.page).finally(bare.close)
    bench.add('client-switch-uncached', percentile(uncached, 0.95))
    bench.add('client-switch-cached', percentile(cached, 0.95), percentile(line, 0.95))
    bench.add('client-heap', usedSize / 2 ** 20)
    bench.note(
      'channel switch, p50',
      `${percentile(uncached, 0.5).toFixed(1)} ms never opened, ${percentile(cached, 0.5).toFixed(1)} ms opened before, ${percentile(line, 0.5).toFixed(1)} ms plain lines`,
    )
  } finally {
    await close()
  }
}

async function openAgain(page: Page): Promise<number[]> {
  const times: number[] = []
  for (let index = VISITED - 1; index >= VISITED - AGAIN; index--) times.push(await open(page, index))
  return times
}

/** From the click on the channel's row to the end of the frame that shows its messages. */
async function open(page: Page, index: number): Promise<number> {
  const name = `topic-${index}`
  const place = await page.evaluate(
    ([name, said]) => {
      const rows = [...document.querySelectorAll<HTMLElement>('a[data-channel-row]')]
      const row = rows.find(({ textContent }) => new RegExp(`^${name}(?!\\d)`).test(textContent ?? ''))
      if (!row) throw new Error(`no row ${name}`)
      row.scrollIntoView({ block: 'nearest' })
      const whole = new RegExp(`${said}(?!\\d)`)
      window.probe.expect('click', () => {
        const log = document.querySelector<HTMLElement>('main [role="log"]')
        // Not the last one: somebody may have written below it.
        const shown = [...(log?.querySelectorAll('article') ?? [])]
        return (
          log?.style.visibility !== 'hidden' && shown.some(({ textContent }) => whole.test(textContent ?? ''))
        )
      })
      const { x, y, width, height } = row.getBoundingClientRect()
      return { x: x + width / 2, y: y + height / 2 }
    },
    [name, saidIn(name)],
  )
  await page.mouse.click(place.x, place.y)
  return page.evaluate(() => window.probe.settled)
}
