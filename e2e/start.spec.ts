import { beforeAll, expect } from 'vitest'
import { clientFor } from './api'
import { crew } from './crew'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { seat } from './seat'
import { product, testOnOneOrigin as test } from './shared-product'

const people = crew(['ada'])
let path: string
let channelId: string

beforeAll(async () => {
  const members = (await makeCrowd(product, 2)) as [Member, Member]
  const made = await makeWorkspace(product, members, [{ name: 'harbour', kind: 'private' }])
  channelId = made.channelIds[0] as string
  path = `/w/${made.slug}/c/${channelId}`
  const grace = clientFor(product.url, product.secrets.publishableKey, members[1])
  await grace
    .from('messages')
    .insert({ id: crypto.randomUUID(), channel_id: channelId, body: 'all aboard' })
    .throwOnError()
  // Nothing of the app runs there, which could ask for something itself, or keep it.
  await seat(people.ada, members[0], '/api/health/live')
})

test('a first visit asks for the channel beside the picture, and waits for the picture to draw it', async () => {
  const { page } = people.ada
  // As on a device that has never been here.
  await page.evaluate(() => localStorage.removeItem('config'))
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  const channelPage = page.waitForResponse('**/rpc/channel_page')
  await page.route('**/rpc/bootstrap', async (route) => {
    await (await channelPage).finished()
    await route.fallback()
  })
  await page.goto(path)
  const row = people.ada.message('all aboard')
  await row.waitFor()
  expect(await row.textContent()).toContain('Person 1')
  await people.ada.composer('harbour').waitFor()
  expect(asked.filter((name) => name === '/api/config')).toHaveLength(1)
  expect(asked.filter((name) => name.endsWith('/channel_page'))).toHaveLength(1)
})

test('what the document asks for is not asked for again by the code', async () => {
  const { page } = people.ada
  // The page of the test before goes on asking.
  await page.goto('about:blank')
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  const picture = page.waitForResponse('**/rpc/bootstrap')
  // None of the code arrives before the answer does.
  await page.route('**/_next/static/chunks/*.js', async (route) => {
    await (await picture).finished()
    await route.fallback()
  })
  // Once it is live it asks again: until then the answer to the document has to do.
  await page.routeWebSocket('**/realtime/v1/websocket*', () => {})
  await page.goto(path)
  await people.ada.message('all aboard').waitFor()
  expect(asked.filter((name) => name.endsWith('/bootstrap'))).toHaveLength(1)
  await page.unrouteAll({ behavior: 'wait' })
})

test('on a phone the way back to the list of channels is not to an empty screen', async () => {
  const { page } = people.ada
  await page.setViewportSize({ width: 390, height: 800 })
  await page.addInitScript(() => {
    // Quicker than any finger: as soon as there is something to press, before React goes on drawing.
    const watcher = new MutationObserver(async () => {
      const back = document.querySelector<HTMLElement>('#main a[href$="/channels"]')
      if (!back) return
      watcher.disconnect()
      back.click()
      for (let turns = 0; turns < 100; turns++) await null
      const list = document.querySelector('a[data-channel-row]')
      Object.assign(window, { listed: list ? list.getClientRects().length > 0 : false })
    })
    watcher.observe(document, { childList: true, subtree: true })
  })
  await page.goto(path)
  await page.waitForURL('**/channels')
  await expect.poll(() => page.evaluate(() => Reflect.get(window, 'listed'))).toBe(true)
})
