import { beforeAll, expect, test } from 'vitest'
import { crew } from './crew'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { seat } from './seat'
import { product } from './shared-product'
import { t } from './texts'

// A worker's requests cannot be answered by the test.
const people = crew(['ada'], { serviceWorkers: 'block' })
const CODE = '**/_next/static/chunks/*.js'
let path: string

beforeAll(async () => {
  people.ada.expectProblem(/404|Failed to load chunk/)
  const [member] = (await makeCrowd(product, 1)) as [Member]
  const { slug, channelIds } = await makeWorkspace(product, [member], [{ name: 'line', kind: 'private' }])
  path = `/w/${slug}/c/${channelIds[0]}`
  await seat(people.ada, member, '/sign-in')
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
  await page.goto(path)
  await people.ada.composer('line').waitFor()
  upgraded = true
}

test('a page that is older than the build begins anew where it lacks a piece of code', async () => {
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
