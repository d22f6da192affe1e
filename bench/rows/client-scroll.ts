import type { CDPSession, Page } from 'playwright-core'
import type { Bench } from '../bench'
import type { Stage } from './client-stage'

const FRAME_MS = 1000 / 60
const SPEED = 3_000
const DISTANCE = 24_000

/**
 * Loads older messages until there are this many, standing still while each page arrives. The largest movement of the
 * row at the top of the window, in pixels, counted from the frame after the place was reached.
 */
export async function loadOlder(page: Page, wanted: number): Promise<number> {
  return page.evaluate(async (wanted) => {
    const log = document.querySelector<HTMLElement>('main [role="log"]')
    if (!log) throw new Error('no timeline')
    const numberOf = (row: Element) => Number(/(\d+) said in/.exec(row.textContent ?? '')?.[1] ?? Number.NaN)
    const rows = () => [...log.querySelectorAll<HTMLElement>('article')]
    const oldest = () => Math.min(...rows().map(numberOf).filter(Number.isFinite))
    const newest = 10_000
    let worst = 0
    while (newest - oldest() < wanted) {
      const before = log.scrollHeight
      // First to where nothing is loaded yet and the rows above are drawn, as somebody comes there who scrolls.
      log.scrollTop = 1_500
      for (let frame = 0; frame < 6; frame++) await window.probe.afterFrame()
      log.scrollTop = 700
      await window.probe.afterFrame()
      await window.probe.afterFrame()
      const box = log.getBoundingClientRect()
      const anchor = rows().find((row) => row.getBoundingClientRect().bottom > box.top + 40)
      const key = anchor?.dataset.key ?? ''
      let top = anchor?.getBoundingClientRect().top ?? 0
      // Ten frames after the page came: what is measured late may move it late.
      for (let left = 10, frames = 0; left > 0; frames++) {
        await window.probe.afterFrame()
        const row = log.querySelector(`[data-key="${key}"]`)
        const now = row?.getBoundingClientRect().top ?? Number.POSITIVE_INFINITY
        worst = Math.max(worst, Math.abs(now - top))
        top = row ? now : top
        if (log.scrollHeight - before > 500 && log.getAttribute('aria-busy') === 'false') left--
        if (frames > 600) throw new Error(`no older messages arrived at ${oldest()}`)
      }
    }
    return worst
  }, wanted)
}

/** C7: a steady scroll up and down, and how many frames were not drawn in their time; beside a list of plain lines. */
export async function scrolling(bench: Bench, stage: Stage, { page, devtools }: Opened) {
  const value = await droppedShare(page, devtools)
  const bare = await stage.blank()
  try {
    const lines = Array.from(
      { length: 10_000 },
      (_, index) => `<p>${index} ${'A plain line of text. '.repeat(6)}</p>`,
    )
    await bare.page.setContent(`<main style="height: 100vh; overflow-y: auto">${lines.join('')}</main>`)
    await bare.page.evaluate(() => document.querySelector('main')?.scrollTo(0, 100_000))
    bench.add('client-scroll-dropped', value, await droppedShare(bare.page, bare.devtools))
  } finally {
    await bare.close()
  }
}

type Opened = { page: Page; devtools: CDPSession }

/** Per cent of the frames of a scroll that were late by half a frame or more. */
async function droppedShare(page: Page, devtools: CDPSession): Promise<number> {
  const intervals: number[] = []
  for (const direction of [1, -1]) {
    await page.evaluate(() => {
      const state = window as never as { stop(): void; intervals: Promise<number[]> }
      state.intervals = window.probe.frames(
        new Promise<void>((resolve) => {
          state.stop = resolve
        }),
      )
    })
    await devtools.send('Input.synthesizeScrollGesture', {
      x: 800,
      y: 400,
      yDistance: direction * DISTANCE,
      speed: SPEED,
      gestureSourceType: 'mouse',
      preventFling: true,
    })
    intervals.push(
      ...(await page.evaluate(() => {
        const state = window as never as { stop(): void; intervals: Promise<number[]> }
        state.stop()
        return state.intervals
      })),
    )
  }
  const dropped = intervals.reduce((sum, time) => sum + Math.max(0, Math.round(time / FRAME_MS) - 1), 0)
  return (100 * dropped) / (intervals.length + dropped)
}
