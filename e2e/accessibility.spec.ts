import { beforeAll, describe, test } from 'vitest'
import { check } from './axe'
import { crew } from './crew'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { seat } from './seat'
import { product, sendsMail } from './shared-product'
import { t } from './texts'

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
    await ada.page.goto('/forgot-password')
    await ada.page
      .getByRole('heading', { name: t(sendsMail ? 'entry.forgotTitle' : 'entry.askAdminTitle') })
      .waitFor()
    await check(ada)
    ada.expectProblem(/status of 403/)
    await ada.page.goto('/reset-password?token_hash=gone&type=recovery')
    await ada.page.getByRole('heading', { name: t('entry.linkExpiredTitle') }).waitFor()
    await check(ada)
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
    await ada.page.goto(`/w/${slug}/account`)
    await ada.page.getByText(t('sessions.thisDevice')).waitFor()
    await check(ada)
    await ada.button(t('account.changePassword')).click()
    await check(ada)
    await ada.page.goto(`/w/${slug}/settings`)
    await ada.page.getByRole('tab', { name: t('settings.security') }).click()
    await ada.page.getByText(t('security.require_two_factor.title'), { exact: true }).waitFor()
    await check(ada)
    await ada.page.goto(channel)
    await ada.composer('design').waitFor()
    await ada.page.keyboard.press('Control+k')
    await ada.dialog(t('switcher.title')).waitFor()
    await check(ada)
  })
})
