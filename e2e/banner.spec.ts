import { afterAll, beforeAll, expect } from 'vitest'
import { crew } from './crew'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { type Proxy as FaultProxy, startProxy } from './proxy'
import { seat } from './seat'
import { product, testOnOneOrigin as test } from './shared-product'
import { t } from './texts'

let proxy: FaultProxy

beforeAll(async () => {
  proxy = await startProxy({ port: product.port })
})
const people = crew(['ada'], { url: () => proxy.url })

beforeAll(async () => {
  const { ada } = people
  ada.expectProblem(/ERR_|Failed to fetch|fetching the script|WebSocket|status of (401|50\d)/)
  const [member] = (await makeCrowd(product, 1)) as [Member]
  const made = await makeWorkspace(product, [member], [{ name: 'line', kind: 'private' }])
  // Every word that was ever said about the connection.
  await ada.page.addInitScript(() => {
    const said = new Set<string>()
    Object.assign(globalThis, { saidOfConnection: said })
    new MutationObserver(() => {
      for (const status of document.querySelectorAll('[role=status]')) said.add(status.textContent ?? '')
    }).observe(document, { childList: true, subtree: true })
  })
  await seat(ada, member, `/w/${made.slug}/c/${made.channelIds[0]}`)
  await ada.composer('line').waitFor()
  await ada.say('line', 'all is well')
  await ada.stored('all is well')
})
afterAll(() => proxy?.stop())

const banner = (text: string) => people.ada.page.getByRole('status').filter({ hasText: text })

test('a short interruption is not worth a word', async () => {
  const { ada } = people
  proxy.cut()
  proxy.restore()
  await ada.say('line', 'after the blip')
  await ada.stored('after the blip')
  const said = await ada.page.evaluate(() => [
    ...(globalThis as unknown as { saidOfConnection: Set<string> }).saidOfConnection,
  ])
  expect(said.join()).not.toContain(t('app.retryNow'))
})

test('without a network it says so and moves nothing; it goes by itself when all is in step again', async () => {
  const { ada } = people
  const place = () => ada.message('all is well').boundingBox()
  const before = await place()
  await ada.context.setOffline(true)
  await banner(t('app.trouble_offline')).waitFor()
  expect(await place()).toEqual(before)
  await ada.context.setOffline(false)
  await banner(t('app.retryNow')).waitFor({ state: 'detached' })
})

test('a server that is gone does not answer, which is not the same; trying again helps once it is back', async () => {
  const { ada } = people
  proxy.cut()
  // Whether it says first that it reconnects depends on what was on its way when the line broke.
  await banner(t('app.retryNow')).waitFor()
  await ada.button(t('app.retryNow')).click()
  await banner(t('app.trouble_silent')).waitFor()
  proxy.restore()
  await ada.button(t('app.retryNow')).click()
  await banner(t('app.retryNow')).waitFor({ state: 'detached' })
  await ada.say('line', 'and on it goes')
  await ada.stored('and on it goes')
})

test('a sign-in that is not accepted any more is not a connection; signing in again leads back here', async () => {
  const { ada } = people
  const here = new URL(ada.page.url()).pathname
  await ada.page.route('**/rest/v1/rpc/**', (route) =>
    route.fulfill({ status: 401, json: { code: 'PGRST301', message: 'No suitable key was found' } }),
  )
  await ada.page.evaluate(() => window.dispatchEvent(new Event('online')))
  await banner(t('app.trouble_ended')).waitFor()
  await ada.button(t('app.signInAgain')).click()
  await ada.page.waitForURL(`**/sign-in?next=${encodeURIComponent(here)}`)
})
