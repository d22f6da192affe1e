import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect } from 'vitest'
import type { Person } from './person'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The rules that a machine can check, on a phone and on a wide screen. */
export async function check({ page }: Person) {
  for (const size of [
    { width: 1600, height: 1000 },
    { width: 360, height: 740 },
  ]) {
    await page.setViewportSize(size)
    await drawn(page)
    await page.evaluate(axe)
    const violations = await page.evaluate(async () => {
      const { axe: engine } = globalThis as unknown as { axe: typeof import('axe-core') }
      const { violations } = await engine.run(document, { resultTypes: ['violations'] })
      // The edge between two regions is in neither.
      const found = violations.map((rule) => ({
        ...rule,
        nodes: rule.nodes.filter(({ html }) => rule.id !== 'region' || !html.startsWith('<hr')),
      }))
      return found
        .filter(({ nodes }) => nodes.length > 0)
        .map(
          ({ id, nodes }) =>
            `${id}: ${nodes.map(({ html, any }) => `${html.slice(0, 200)} ${any[0]?.message ?? ''}`).join(' | ')}`,
        )
    })
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    expect({ where: page.url(), size, violations, sideways }).toEqual({
      where: page.url(),
      size,
      violations: [],
      sideways: false,
    })
  }
  await page.setViewportSize({ width: 1600, height: 1000 })
}

/** The same in both themes, for screens that only a journey leads to. */
export async function checkThemes(person: Person): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await person.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await check(person)
  }
  await person.page.emulateMedia({ colorScheme: null, reducedMotion: null })
}

/**
 * A colour may still be on its way from the other theme when the next frame is late, and a timeline is not to be seen
 * before it has found its place: waits for three frames in a row in which nothing of that is so.
 */
async function drawn(page: Person['page']) {
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
    const moves = () => document.getAnimations().some((each) => each instanceof CSSTransition)
    const hides = () =>
      [...document.querySelectorAll<HTMLElement>('[role="log"]')].some(
        ({ style }) => style.visibility === 'hidden',
      )
    for (let calm = 0; calm < 3; ) {
      await frame()
      calm = moves() || hides() ? 0 : calm + 1
    }
  })
}
