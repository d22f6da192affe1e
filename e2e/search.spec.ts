import type { Locator } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { openDatabase } from './api'
import { checkThemes } from './axe'
import { crew } from './crew'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import type { Person } from './person'
import { seat } from './seat'
import { product } from './shared-product'
import { t } from './texts'

const people = crew(['ada', 'grace'])
let slug: string
let members: [Member, Member]
let channels: { harbour: string; shipyard: string }
let handles: Record<string, string>

beforeAll(async () => {
  const { ada, grace } = people
  members = (await makeCrowd(product, 2)) as [Member, Member]
  const made = await makeWorkspace(product, members, [
    { name: 'harbour', kind: 'public' },
    { name: 'shipyard', kind: 'private' },
  ])
  slug = made.slug
  channels = { harbour: made.channelIds[0] as string, shipyard: made.channelIds[1] as string }
  const sql = openDatabase(product)
  const write = (channel: string, member: Member, body: string, days: number) => sql`
    insert into public.messages (id, channel_id, user_id, body, created_at)
    values (gen_random_uuid(), ${channel}, ${member.userId}, ${body}, now() - ${days} * interval '1 day') returning id`
  // Between them so much that a hit is not on the first page of its channel.
  const [root] = await write(
    channels.harbour,
    members[0],
    'The **lighthouse** is lit, see https://example.com',
    400,
  )
  for (let n = 0; n < 120; n++)
    await write(channels.harbour, members[n % 2] as Member, `log entry ${n}`, 300 - n)
  await write(channels.shipyard, members[0], 'A model of the lighthouse for Grüße', 3)
  await sql`insert into public.messages (id, channel_id, user_id, thread_id, body)
    values (gen_random_uuid(), ${channels.harbour}, ${members[1].userId}, ${root?.id}, 'lighthouse keepers answer in threads')`
  const rows =
    await sql`select id, handle from public.profiles where id = any (${members.map((m) => m.userId)})`
  handles = Object.fromEntries(rows.map(({ id, handle }) => [id, handle]))
  await sql.end()
  await seat(ada, members[0], `/w/${slug}/c/${channels.shipyard}`)
  await seat(grace, members[1], `/w/${slug}/c/${channels.shipyard}`)
  await ada.composer('shipyard').waitFor()
  await grace.composer('shipyard').waitFor()
})

const field = ({ page }: Person) => page.getByRole('combobox', { name: t('search.label') })
const results = ({ page }: Person) => page.getByRole('list', { name: t('search.results') }).getByRole('link')
const said = (list: Locator) => list.locator('mark').allInnerTexts()

/** A page that begins anew needs its time. */
const PATIENT = { timeout: 15_000 }
const shows = (person: Person, count: number) =>
  expect.poll(() => results(person).count(), PATIENT).toBe(count)

async function look(person: Person, text: string, count: number) {
  await field(person).fill(text)
  await field(person).press('Enter')
  await shows(person, count)
}

test('finds words beside the conversation, opens them one after the other, and goes on', async () => {
  const { ada } = people
  const { page } = ada
  await page.keyboard.press('Control+g')
  await expect
    .poll(() => field(ada).evaluate((input) => input === document.activeElement), PATIENT)
    .toBe(true)
  await page.keyboard.type('lighth')
  await shows(ada, 3)
  expect(await said(results(ada))).toEqual(['lighth', 'lighth', 'lighth'])
  await page.getByText(t('search.found', { count: 3, more: 'no' })).waitFor({ state: 'attached' })
  expect(new URL(page.url()).searchParams.get('q')).toBe('lighth')

  // Keys alone: down to the second, open it; the search stays, and the focus with it.
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await ada.message('The lighthouse is lit').waitFor()
  await expect.poll(() => ada.message('The lighthouse is lit').isVisible(), PATIENT).toBe(true)
  expect(await results(ada).count()).toBe(3)
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  await ada.message('A model of the lighthouse').waitFor()
  await page.keyboard.press('Escape')
  await shows(ada, 0)
})

test('a reply opens in its thread, and closing that is the search again', async () => {
  const { ada } = people
  await ada.page.goto(`/w/${slug}/search?q=keepers`)
  await results(ada).first().click()
  const thread = ada.page.getByRole('complementary', { name: t('threads.title') })
  await thread.getByText('lighthouse keepers answer').waitFor()
  await thread.getByRole('button', { name: t('ui.close') }).click()
  await shows(ada, 1)
})

test('filters narrow it down, by hand and as they are offered', async () => {
  const { ada } = people
  await ada.page.goto(`/w/${slug}/search`)
  const other = handles[members[1].userId] as string
  await look(ada, 'lighthouse from:me', 2)
  await look(ada, `lighthouse from:@${other}`, 1)
  await look(ada, 'lighthouse in:#shipyard', 1)
  await look(ada, 'lighthouse -in:#shipyard', 2)
  await look(ada, 'lighthouse has:link', 1)
  await look(ada, 'lighthouse is:thread', 2)
  await look(ada, 'lighthouse before:2020', 0)
  await ada.page.getByText(t('search.nothingText')).waitFor()
  await look(ada, '"model of the"', 1)
  await look(ada, 'grusse', 1)
  expect(await said(results(ada))).toEqual(['Grüße'])
  await look(ada, 'lighthouse -model', 2)

  await field(ada).fill('lighthouse fr')
  await ada.page.getByRole('option', { name: /^from:/ }).click()
  await ada.page.keyboard.type(other.slice(0, 6))
  await ada.page.getByRole('option', { name: new RegExp(`@${other}`) }).waitFor()
  await field(ada).fill(`lighthouse from:@${other}`)
  await ada.page.getByRole('option').first().waitFor()
  await ada.page.keyboard.press('Tab')
  expect(await field(ada).inputValue()).toBe(`lighthouse from:@${other} `)
  await shows(ada, 1)
})

test('more come by scrolling', async () => {
  const { ada } = people
  await ada.page.goto(`/w/${slug}/search?q=${encodeURIComponent('"log entry"')}`)
  await expect.poll(() => results(ada).count(), PATIENT).toBeGreaterThanOrEqual(20)
  await expect
    .poll(
      async () => {
        await results(ada).last().scrollIntoViewIfNeeded()
        return results(ada).count()
      },
      { timeout: 20_000 },
    )
    .toBe(120)
})

test('what the other one writes, edits and deletes is found as it is now', async () => {
  const { ada, grace } = people
  await grace.page.goto(`/w/${slug}/c/${channels.shipyard}`)
  await grace.say('shipyard', 'a dolphin in the dock')
  await grace.stored('a dolphin in the dock')
  await ada.page.goto(`/w/${slug}/search?q=dolphin`)
  await shows(ada, 1)

  await grace.messageMenu('a dolphin in the dock', t('messages.edit'))
  await grace.page.getByRole('textbox').and(grace.page.locator(':focus')).fill('a porpoise in the dock')
  await grace.page.keyboard.press('Enter')
  await grace.message('a porpoise in the dock').waitFor()
  // Without a touch: the hit is none any more.
  await shows(ada, 0)
  await look(ada, 'porpoise', 1)

  await grace.messageMenu('a porpoise in the dock', t('messages.delete'))
  await grace.confirm(t('messages.delete'))
  await shows(ada, 0)
  await look(ada, 'dock', 0)
})

test('on a phone a hit covers the search, and back is the search', async () => {
  const { ada } = people
  await ada.page.setViewportSize({ width: 360, height: 740 })
  await ada.page.goto(`/w/${slug}/channels`)
  await ada.button(t('app.search')).click()
  await look(ada, 'model of', 1)
  await results(ada).first().click()
  await ada.message('A model of the lighthouse').waitFor()
  expect(await field(ada).count()).toBe(0)
  await ada.page.goBack()
  await shows(ada, 1)
  expect(await field(ada).inputValue()).toBe('model of')
  await ada.page.setViewportSize({ width: 1600, height: 1000 })
})

test('looks right to a machine, before and after searching', async () => {
  const { ada } = people
  await ada.page.goto(`/w/${slug}/search`)
  await ada.page.getByText(t('search.recent'), { exact: true }).waitFor()
  await checkThemes(ada)
  await look(ada, 'lighthouse', 3)
  await checkThemes(ada)
  await ada.page.goto(`/w/${slug}/c/${channels.harbour}?q=lighthouse`)
  await shows(ada, 3)
  await checkThemes(ada)
})

test('without a network it says so, and looks again when it is back', async () => {
  const { ada } = people
  ada.expectProblem(/ERR_INTERNET_DISCONNECTED/)
  await ada.page.goto(`/w/${slug}/search`)
  await field(ada).waitFor()
  await ada.context.setOffline(true)
  await field(ada).fill('lighthouse')
  await ada.page.getByText(t('errors.network')).waitFor()
  await ada.context.setOffline(false)
  await shows(ada, 3)
})

test('whoever is taken out of a channel finds nothing of it, and what they searched for goes with them', async () => {
  const { ada, grace } = people
  await grace.page.goto(`/w/${slug}/search?q=lighthouse`)
  await shows(grace, 3)
  const sql = openDatabase(product)
  await sql`delete from public.channel_members
    where channel_id = ${channels.shipyard} and user_id = ${members[1].userId}`
  await sql.end()
  // What is shown already goes, too.
  await shows(grace, 2)
  await look(grace, 'model', 0)
  await look(grace, 'in:#shipyard lighthouse', 0)
  await look(ada, 'model', 1)

  const kept = () => grace.page.evaluate(() => JSON.stringify(localStorage))
  expect(await kept()).toContain('in:#shipyard')
  await grace.page.goto(`/w/${slug}/c/${channels.harbour}`)
  await grace.composer('harbour').waitFor()
  await grace.page.getByRole('button', { name: /^Person 1 @/ }).click()
  await grace.chooseFromMenu(t('app.signOut'))
  await grace.page.waitForURL('**/sign-in')
  expect(await kept()).not.toContain('shipyard')
})
