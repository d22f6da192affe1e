import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { beforeAll, describe, expect, test } from 'vitest'
import { crew } from './crew'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import type { Person } from './person'
import { seat } from './seat'
import { product } from './shared-product'
import { t } from './texts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
let member: Member
let slug: string
let channel: string

beforeAll(async () => {
  const everybody = (await makeCrowd(product, 3)) as [Member, Member, Member]
  member = everybody[0]
  const made = await makeWorkspace(product, everybody, [{ name: 'design', kind: 'private' }])
  slug = made.slug
  channel = `/w/${slug}/c/${made.channelIds[0]}`
})

describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
  const people = crew(['ada'], { colorScheme, reducedMotion: 'reduce' })

  test('before signing in', async () => {
    const { ada } = people
    for (const path of ['/sign-in', '/sign-up']) {
      await ada.page.goto(path)
      await ada.field(t('auth.email')).waitFor()
      await check(ada)
    }
  })

  test('a conversation with a thread', async () => {
    const { ada } = people
    await seat(ada, member, channel)
    await ada.composer('design').waitFor()
    await ada.say(
      'design',
      `A list in ${colorScheme}:\n- one\n- \`two\`\n\n> quoted, and https://example.com`,
    )
    await ada.stored(`A list in ${colorScheme}`)
    await check(ada)
    await ada.message(`A list in ${colorScheme}`).press('t')
    await ada.page.getByText(t('threads.none')).waitFor()
    await check(ada)
  })

  test('lists, settings and a dialog', async () => {
    const { ada } = people
    for (const [screen, heading] of [
      ['browse', t('channels.browse')],
      ['people', t('profiles.people')],
      ['preferences', t('app.preferences')],
      ['settings', t('app.settings')],
    ] as const) {
      await ada.page.goto(`/w/${slug}/${screen}`)
      await ada.page.getByRole('heading', { name: heading, level: 1 }).waitFor()
      await check(ada)
    }
    await ada.page.goto(channel)
    await ada.composer('design').waitFor()
    await ada.page.keyboard.press('Control+k')
    await ada.dialog(t('switcher.title')).waitFor()
    await check(ada)
  })
})

/** The rules that a machine can check, on a phone and on a wide screen. */
async function check({ page }: Person) {
  for (const size of [
    { width: 1600, height: 1000 },
    { width: 360, height: 740 },
  ]) {
    await page.setViewportSize(size)
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
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`)
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
