import type { Page } from 'playwright-core'
import type { Bench } from '../bench'
import { runJob } from '../run-job'
import { percentile } from '../statistics'
import type { Stage } from './client-stage'

const SENDS = 40
const KEYS = 200
const PER_SECOND = 20
/** Ten letters a second is a fast typist. */
const PAUSE_MS = 100

/** The line for both: a bare text field, and a list that Enter adds to. */
const BARE = `<textarea autofocus rows="3"></textarea><main></main><script>
  document.querySelector('textarea').onkeydown = (event) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    const row = document.createElement('article')
    row.textContent = event.target.value
    document.querySelector('main').append(row)
    event.target.value = ''
  }
</script>`

/** C6: from Enter to the frame with the own message, as the composer draws it before anything is sent. */
export async function sending(bench: Bench, stage: Stage, page: Page) {
  const value = await send(page)
  bench.add('client-send', percentile(value, 0.95), percentile(await onBare(stage, send), 0.95))
  bench.note('own message, p50', `${percentile(value, 0.5).toFixed(1)} ms`)
}

/** C5: from a key to the frame with its letter while others write. */
export async function typing(bench: Bench, stage: Stage, page: Page) {
  await page.evaluate(() => {
    window.probe.longest = 0
  })
  const value = await whileOthersWrite(stage, () => type(page))
  const longest = await page.evaluate(() => window.probe.longest)
  const line = await onBare(stage, (bare) => whileOthersWrite(stage, () => type(bare)))
  bench.add('client-key', percentile(value, 0.95), percentile(line, 0.95))
  bench.add('client-key-task', longest)
  bench.note(
    'key to its letter',
    `p50 ${percentile(value, 0.5).toFixed(1)} ms, slowest ${Math.max(...value).toFixed(1)} ms`,
  )
}

async function onBare<T>(stage: Stage, run: (page: Page) => Promise<T>): Promise<T> {
  const { page, close } = await stage.blank()
  try {
    await page.setContent(BARE)
    await page.locator('textarea').focus()
    return await run(page)
  } finally {
    await close()
  }
}

async function whileOthersWrite<T>({ url, key, people, busy }: Stage, run: () => Promise<T>): Promise<T> {
  const senders = people.slice(1, 9).map(({ userId, token }) => ({ userId, token, channelId: busy }))
  const seconds = (KEYS * PAUSE_MS) / 1000 + 6
  const others = runJob('restSends', { url, key, senders, seconds, perSecond: PER_SECOND })
  const result = await run()
  const { failures } = await others
  if (failures.length > 0) throw new Error(`${failures.length} sends failed: ${failures[0]}`)
  return result
}

async function send(page: Page): Promise<number[]> {
  const times: number[] = []
  for (let index = 0; index < SENDS; index++) {
    const text = `mine ${index} ${Math.random().toString(36).slice(2)}`
    await page.locator('textarea').first().fill(text)
    await page.evaluate((said) => {
      window.probe.expect('keydown', () =>
        [...document.querySelectorAll('main article')]
          .slice(-3)
          .some((row) => row.textContent?.includes(said)),
      )
    }, text)
    await page.keyboard.press('Enter')
    times.push(await page.evaluate(() => window.probe.settled))
    await page.waitForTimeout(PAUSE_MS)
  }
  return times
}

async function type(page: Page): Promise<number[]> {
  await page.locator('textarea').first().focus()
  const times: number[] = []
  for (let index = 0; index < KEYS; index++) {
    await page.evaluate(() => {
      const field = document.activeElement as HTMLTextAreaElement
      const { length } = field.value
      window.probe.expect('keydown', () => field.value.length > length)
    })
    await page.keyboard.press(index % 6 === 5 ? 'Space' : 'abcde'.charAt(index % 5))
    times.push(await page.evaluate(() => window.probe.settled))
    await page.waitForTimeout(PAUSE_MS)
  }
  await page.locator('textarea').first().fill('')
  return times
}
