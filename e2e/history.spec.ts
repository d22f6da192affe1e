import { beforeAll, expect, test } from 'vitest'
import { eventually, openDatabase } from './api'
import { crew } from './crew'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { seat } from './seat'
import { product } from './shared-product'
import { t } from './texts'

const COUNT = 1_200
const people = crew(['ada'])
let path: string
let middleId: string

beforeAll(async () => {
  const { ada } = people
  const [member] = (await makeCrowd(product, 1)) as [Member]
  const made = await makeWorkspace(
    product,
    [member],
    [
      { name: 'attic', kind: 'private' },
      { name: 'cellar', kind: 'private' },
    ],
  )
  const channelId = made.channelIds[0] as string
  const sql = openDatabase(product)
  // Rows of one line and of many, over several days: heights that nobody can know before they are drawn.
  await sql`
    insert into public.messages (id, channel_id, user_id, body, created_at)
    select gen_random_uuid(), ${channelId}, ${member.userId},
      'message number ' || n || repeat(E'\\nand another line', (n * 7) % 5), now() - (${COUNT} - n) * interval '5 minutes'
    from generate_series(1, ${COUNT}) as n`
  const [row] =
    await sql`select id from public.messages where channel_id = ${channelId} and seq = ${COUNT / 2}`
  middleId = row?.id
  await sql.end()
  path = `/w/${made.slug}/c/${channelId}`
  await seat(ada, member, path)
  await ada.message(`message number ${COUNT}`).waitFor()
})

/** Where the rows on the screen stand, measured in one frame. */
const rowsOnScreen = () =>
  people.ada.timeline.evaluate((feed) => {
    const box = feed.getBoundingClientRect()
    return [...feed.querySelectorAll<HTMLElement>('article[data-key]')]
      .map((row) => ({ key: row.dataset.key as string, rect: row.getBoundingClientRect() }))
      .filter(({ rect }) => rect.bottom > box.top && rect.top < box.bottom)
      .map(({ key, rect }) => ({
        key,
        top: rect.top,
        middle: (rect.top + rect.bottom) / 2 - box.top,
        height: box.height,
      }))
  })

test('opens at the newest message', async () => {
  const { ada } = people
  expect(await ada.message(`message number ${COUNT}`).isVisible()).toBe(true)
  expect(await ada.timeline.getByRole('article').count()).toBeLessThan(150)
})

test('older messages load upwards and nothing on the screen moves', async () => {
  const { ada } = people
  const pages: number[] = []
  ada.page.on('response', (response) => {
    if (response.url().includes('/rpc/channel_page')) pages.push(response.status())
  })
  await ada.timeline.hover()
  for (let page = 1; page <= 6; page++) {
    // Scroll until the next page is asked for; its answer is held back while the rows are measured.
    let release = () => {}
    let asked = false
    await ada.page.route('**/rpc/channel_page', async (route) => {
      asked = true
      await new Promise<void>((resolve) => {
        release = resolve
      })
      await route.continue()
    })
    await eventually('an older page is asked for', async () => {
      if (!asked) await ada.page.mouse.wheel(0, -400)
      return asked
    })
    const before = await settledRows()
    const loaded = pages.length
    release()
    await eventually('the older page is there', () => pages.length > loaded)
    await ada.page.unroute('**/rpc/channel_page')
    const after = await settledRows()
    const shared = before.filter(({ key }) => after.some((row) => row.key === key))
    expect(shared.length).toBeGreaterThan(0)
    for (const row of shared) {
      const now = after.find(({ key }) => key === row.key)
      expect(Math.abs((now?.top ?? Number.NaN) - row.top), `page ${page}`).toBeLessThanOrEqual(1)
    }
  }
})

test('who comes back finds the place where they read, and the newest message if that was it', async () => {
  const { ada } = people
  await ada.button(t('messages.jump')).click()
  await ada.message(`message number ${COUNT}`).waitFor()
  await settledRows()
  await ada.timeline.hover()
  await ada.page.mouse.wheel(0, -3_000)
  await ada.button(t('messages.jump')).waitFor()
  const before = await settledRows()
  await ada.openChannel('cellar')
  await ada.openChannel('attic')
  const after = await settledRows()
  expect(after.length).toBe(before.length)
  for (const { key, top } of after) {
    const row = before.find((other) => other.key === key)
    expect(Math.abs((row?.top ?? Number.NaN) - top)).toBeLessThanOrEqual(1)
  }
  await ada.button(t('messages.jump')).click()
  await ada.message(`message number ${COUNT}`).waitFor()
  await settledRows()
  const { width, height } = ada.page.viewportSize() as { width: number; height: number }
  // Heights of before are not those of another width.
  for (const size of [width, width - 500]) {
    await ada.openChannel('cellar')
    await ada.page.setViewportSize({ width: size, height })
    await ada.openChannel('attic')
    await settledRows()
    const below = await ada.timeline.evaluate((log) => log.scrollHeight - log.clientHeight - log.scrollTop)
    expect(Math.abs(below), `${size} px wide`).toBeLessThanOrEqual(1)
  }
  await ada.page.setViewportSize({ width, height })
})

test('a new message leaves a reader of old ones where they are', async () => {
  const { ada } = people
  await ada.timeline.hover()
  await ada.page.mouse.wheel(0, -3_000)
  await ada.button(t('messages.jump')).waitFor()
  const before = await settledRows()
  const sql = openDatabase(product)
  await sql`
    insert into public.messages (id, channel_id, user_id, body)
    select gen_random_uuid(), channel_id, user_id, 'breaking news' from public.messages where id = ${middleId}`
  await sql.end()
  await ada.button(t('messages.jump')).waitFor()
  const after = await settledRows()
  expect(after.map(({ key, top }) => `${key} ${Math.round(top)}`)).toEqual(
    before.map(({ key, top }) => `${key} ${Math.round(top)}`),
  )
  await ada.button(t('messages.jump')).click()
  await ada.message('breaking news').waitFor()
})

test('a permalink opens with its message in the middle, lit up, and reads on both ways', async () => {
  const { ada } = people
  await ada.page.goto(`${path}?m=${middleId}`)
  await ada.message(`message number ${COUNT / 2}`).waitFor()
  const rows = await settledRows()
  const target = rows.find(({ key }) => key === middleId)
  expect(target).toBeDefined()
  const { middle, height } = target as (typeof rows)[number]
  expect(middle / height).toBeGreaterThan(0.25)
  expect(middle / height).toBeLessThan(0.75)
  await ada.timeline.hover()
  await eventually('messages after it load', async () => {
    await ada.page.mouse.wheel(0, 800)
    // Any of those after the loaded page: on a busy machine one may pass between two looks.
    const texts = await ada.timeline.getByRole('article').allInnerTexts()
    return texts.some((text) => Number(/message number (\d+)/.exec(text)?.[1]) >= COUNT / 2 + 60)
  })
  await ada.button(t('messages.jump')).click()
  await ada.message('breaking news').waitFor()
})

/** Two equal measurements in a row: scrolling has come to rest. */
async function settledRows() {
  let last = ''
  return eventually('the rows stand still', async () => {
    const rows = await rowsOnScreen()
    const text = JSON.stringify(rows)
    const still = text === last
    last = text
    return still && rows.length > 0 && rows
  })
}
