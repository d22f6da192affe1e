import { afterAll, beforeAll, expect } from 'vitest'
import { eventually, openDatabase } from './api'
import { crew } from './crew'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { watchDoubles } from './doubles'
import { type Proxy as FaultProxy, startProxy } from './proxy'
import { seat } from './seat'
import { product, testOnOneOrigin as test } from './shared-product'
import { t } from './texts'

let proxy: FaultProxy
let path: string
let channelId: string
let doubles: () => Promise<string[]>

beforeAll(async () => {
  proxy = await startProxy({ port: product.port })
})
const people = crew(['ada'], { url: () => proxy.url })

beforeAll(async () => {
  const { ada } = people
  // Cut connections show in the console; what this spec is about shows in the page.
  ada.expectProblem(/ERR_|Failed to fetch|fetching the script|WebSocket|status of 50\d/)
  const [member] = (await makeCrowd(product, 1)) as [Member]
  const made = await makeWorkspace(product, [member], [{ name: 'tunnel', kind: 'private' }])
  channelId = made.channelIds[0] as string
  path = `/w/${made.slug}/c/${channelId}`
  doubles = await watchDoubles(ada.page)
  await seat(ada, member, path)
  await ada.composer('tunnel').waitFor()
  await ada.say('tunnel', 'before the tunnel')
  await stored(1)
})
afterAll(() => proxy?.stop())

test('without a network messages wait on the screen, and go out once and in order', async () => {
  const { ada } = people
  proxy.cut()
  for (let index = 1; index <= 5; index++) await ada.say('tunnel', `in the tunnel ${index}`)
  await ada.message('in the tunnel 5').waitFor()
  await somethingWaits()
  expect(await bodies()).toEqual(['before the tunnel'])
  proxy.restore()
  await stored(6)
  expect(await bodies()).toEqual(['before the tunnel', ...numbered('in the tunnel', 5)])
  await waitingIsOver()
  expect(await doubles()).toEqual([])
})

test('what waited when the page was closed goes out when it is opened again', async () => {
  const { ada } = people
  proxy.cut()
  for (let index = 1; index <= 3; index++) await ada.say('tunnel', `closed laptop ${index}`)
  await somethingWaits()
  await ada.page.goto('about:blank')
  proxy.restore()
  await ada.page.goto(path)
  await ada.message('closed laptop 3').waitFor()
  await stored(9)
  expect((await bodies()).slice(6)).toEqual(numbered('closed laptop', 3))
  await waitingIsOver()
  expect(await doubles()).toEqual([])
})

test('a reload while only sending fails keeps what waits', async () => {
  const { ada } = people
  let away = true
  await ada.page.route('**/rest/v1/messages**', (route) =>
    away && route.request().method() === 'POST' ? route.abort() : route.fallback(),
  )
  for (let index = 1; index <= 3; index++) await ada.say('tunnel', `half a network ${index}`)
  await somethingWaits()
  await ada.page.reload()
  await ada.message('half a network 3').waitFor()
  away = false
  await stored(12)
  expect((await bodies()).slice(9)).toEqual(numbered('half a network', 3))
  await waitingIsOver()
  expect(await doubles()).toEqual([])
})

test('an answer that is lost does not store the message twice', async () => {
  const { ada } = people
  let lost = false
  await ada.page.route('**/rest/v1/messages**', async (route) => {
    if (lost || route.request().method() !== 'POST') return route.continue()
    lost = true
    // The server has it; the browser never learns.
    await route.fetch()
    await route.abort()
  })
  await ada.say('tunnel', 'answered into nothing')
  await waitingIsOver()
  await ada.say('tunnel', 'after the lost answer')
  await stored(14)
  expect((await bodies()).slice(12)).toEqual(['answered into nothing', 'after the lost answer'])
  expect(await doubles()).toEqual([])
})

const numbered = (text: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${text} ${index + 1}`)

async function bodies(): Promise<string[]> {
  const sql = openDatabase(product)
  const rows = await sql<{ body: string }[]>`
    select body from public.messages where channel_id = ${channelId} order by seq`
  await sql.end()
  return rows.map(({ body }) => body)
}

const stored = (count: number) =>
  eventually(`${count} messages are stored`, async () => (await bodies()).length >= count)

/** The first in line says so: that may be one whose answer was cut off. */
const somethingWaits = () => people.ada.page.getByText(t('messages.waiting')).first().waitFor()

const waitingIsOver = () =>
  eventually(
    'nothing waits any more',
    async () => (await people.ada.page.getByText(t('messages.waiting')).count()) === 0,
  )
