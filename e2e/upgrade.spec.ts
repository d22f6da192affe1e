import { v7 as uuidv7 } from 'uuid'
import { beforeAll, expect, test } from 'vitest'
import { clientFor, eventually } from './api'
import { crew } from './crew'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { seat } from './seat'
import { product } from './shared-product'
import { t } from './texts'

// A worker's requests cannot be answered by the test.
const people = crew(['ada', 'hedy'], { serviceWorkers: 'block' })
const kept = crew(['grace'])
const CODE = '**/_next/static/chunks/*.js'
let path: string
let member: Member
let channelId: string

beforeAll(async () => {
  for (const person of Object.values(people)) person.expectProblem(/404|Failed to load chunk/)
  ;[member] = (await makeCrowd(product, 1)) as [Member]
  const { slug, channelIds } = await makeWorkspace(product, [member], [{ name: 'line', kind: 'private' }])
  channelId = String(channelIds[0])
  path = `/w/${slug}/c/${channelId}`
  await seat(people.ada, member, '/sign-in')
  await seat(people.hedy, member, '/sign-in')
  await seat(kept.grace, member, path)
})

/** The page as it is after another build took the place of its own: what it has not loaded yet is gone. */
async function openBeforeUpgrade() {
  const { page } = people.ada
  const first = new Set<string>()
  let upgraded = false
  page.on('request', (request) => !upgraded && first.add(request.url()))
  await page.route(CODE, (route) =>
    first.has(route.request().url()) ? route.continue() : route.fulfill({ status: 404 }),
  )
  // Such a page has had no idle moment: in the first it loads what is for later.
  await page.addInitScript(() => Object.assign(window, { requestIdleCallback: () => 0 }))
  await page.goto(path)
  await people.ada.composer('line').waitFor()
  upgraded = true
}

test('G14 a page that is older than the build begins anew where it lacks a piece of code', async () => {
  const { ada } = people
  await openBeforeUpgrade()
  await ada.composer('line').fill('half a thought')
  await ada.button(t('app.addChannel')).click()
  await ada.page.waitForFunction(() =>
    performance.getEntriesByType('navigation').some((entry) => 'type' in entry && entry.type === 'reload'),
  )
  await ada.page.unroute(CODE)
  await ada.button(t('app.addChannel')).click()
  await ada.chooseFromMenu(t('app.browseChannels'))
  await ada.page.waitForURL('**/browse')
  await ada.openChannel('line')
  expect(await ada.composer('line').inputValue()).toBe('half a thought')
})

test('a page that could not load what it hears with hears as soon as that is there', async () => {
  const { hedy } = people
  let missing = true
  let missed = 0
  await hedy.page.route(CODE, async (route) => {
    const response = await route.fetch()
    if (!missing || !(await response.text()).includes('phx_join')) return route.fulfill({ response })
    missed += 1
    return route.fulfill({ status: 404 })
  })
  await hedy.page.goto(path)
  await hedy.composer('line').waitFor()
  // The page began anew for it, and does so once in a while only.
  await eventually('it was tried again', () => missed >= 3)
  missing = false
  await hedy.page.waitForEvent('websocket')
  const { error } = await clientFor(product.url, product.secrets.publishableKey, member)
    .from('messages')
    .insert({ id: uuidv7(), channel_id: channelId, body: 'heard after all' })
  expect(error).toBeNull()
  await hedy.message('heard after all').waitFor()
  await hedy.page.unrouteAll({ behavior: 'wait' })
})

test('what a browser starts from without a server is kept with its files, also when no page has loaded them', async () => {
  const { page } = kept.grace
  kept.grace.expectProblem(/ERR_BLOCKED_BY_CLIENT/)
  const styles = () =>
    page.evaluate(async () => {
      const cache = await caches.open('frame-1')
      const frame = await cache.match('/w/')
      const files = (await cache.keys()).map(({ url }) => url)
      return frame ? files.filter((url) => url.endsWith('.css')).length : 0
    })
  await eventually('the frame is kept', async () => (await styles()) > 0)
  await page.evaluate(() => caches.delete('frame-1'))
  // The document arrives, and the page loads nothing of what it names.
  const devtools = await kept.grace.context.newCDPSession(page)
  await devtools.send('Network.enable')
  await devtools.send('Network.setBlockedURLs', { urls: ['*/_next/static/*'] })
  await page.goto(path, { waitUntil: 'commit' })
  await eventually('its files are kept, too', async () => (await styles()) > 0)
})
