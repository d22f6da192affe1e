import type { Page } from 'playwright-core'
import { t } from '../../e2e/texts'
import type { Bench } from '../bench'
import { percentile } from '../statistics'
import { drawn, type Stage } from './client-stage'

/** Faster than this browsers do not report an interaction; it counts as this. */
const UNREPORTED_MS = 8

/** C3: two hundred actions of an ordinary hour at a quarter of the processor, and how long until each was answered. */
export async function actions(bench: Bench, stage: Stage) {
  const visit = await stage.visit()
  const { page, devtools } = visit
  try {
    await page.goto(stage.path(stage.quiet[0] ?? ''))
    await drawn(page, 'topic-0')
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 })
    const before = await page.evaluate(() => Object.keys(window.probe.interactions).length)
    let done = 0
    for (let round = 0; round < 5; round++) done += await playRound(page, round)
    const reported = await page.evaluate(async () => {
      await window.probe.afterFrame()
      return Object.values(window.probe.interactions)
    })
    const times = [
      ...reported.slice(before),
      ...Array(Math.max(0, done - reported.length)).fill(UNREPORTED_MS),
    ]
    bench.add('client-inp', percentile(times, 0.75))
    bench.note(
      'INP of the actions',
      `${done} actions, p98 ${percentile(times, 0.98)} ms, slowest ${Math.max(...times)} ms`,
    )
  } finally {
    await visit.close()
  }
}

/** Forty actions: reading, writing, sending, looking something up, opening and closing. */
async function playRound(page: Page, round: number): Promise<number> {
  let count = 0
  const act = async (action: () => Promise<unknown>) => {
    await action()
    count++
    await page.evaluate(() => window.probe.afterFrame())
  }
  const key = (name: string) => act(() => page.keyboard.press(name))
  for (let step = 1; step <= 6; step++) {
    const name = `topic-${round * 6 + step}`
    await act(() =>
      page
        .locator('a[data-channel-row]')
        .filter({ hasText: new RegExp(`^${name}$`) })
        .click(),
    )
    await drawn(page, name)
  }
  await act(() => page.locator('main textarea').click())
  for (const letter of 'see you at ten') await key(letter === ' ' ? 'Space' : letter)
  await key('Enter')
  await key('Control+k')
  await page.getByRole('dialog').waitFor()
  for (const letter of 'topic') await key(letter)
  await key('ArrowDown')
  await key('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  const row = page.locator('main article').last()
  await row.hover()
  await act(() => row.getByRole('button', { name: t('messages.more') }).click())
  await page.getByRole('menu').waitFor()
  await key('Escape')
  await act(() => page.getByRole('button', { name: t('composer.formats') }).click())
  await act(() => page.getByRole('button', { name: t('composer.formats') }).click())
  await row.hover()
  await act(() => row.getByRole('button', { name: t('messages.replyInThread') }).click())
  await page.getByRole('textbox', { name: t('composer.placeholderThread') }).waitFor()
  await key('Control+.')
  for (const move of ['F6', 'F6', 'Tab', 'Shift+Tab']) await key(move)
  return count
}
