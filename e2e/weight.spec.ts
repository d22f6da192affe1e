import { beforeAll, expect } from 'vitest'
import { crew } from './crew'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { seat } from './seat'
import { product, testOnOneOrigin as test } from './shared-product'

/**
 * JavaScript that stands between an address and the first channel, in KB as sent. A build's bytes are the same every
 * time, so this is no measurement: whoever adds to them sees it here, and loads later what is not needed at once
 * (`lib/lazy-part.ts`), or says in a commit why everybody has to wait for it.
 */
const BUDGET_KB = 246

const people = crew(['ada'])
let path: string

beforeAll(async () => {
  const [member] = (await makeCrowd(product, 1)) as [Member]
  const { slug, channelIds } = await makeWorkspace(product, [member], [{ name: 'scales', kind: 'private' }])
  path = `/w/${slug}/c/${channelIds[0]}`
  await seat(people.ada, member, path)
})

test('the first channel loads no more JavaScript than it is allowed', async () => {
  const { ada } = people
  await ada.composer('scales').waitFor()
  await ada.say('scales', 'weigh me')
  await ada.stored('weigh me')
  // What comes from here on comes by way of the worker, while the page is idle.
  await ada.page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  const files = await ada.page.evaluate(() =>
    (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
      .filter(({ name, workerStart }) => /\.js(\?|$)/.test(name) && workerStart === 0)
      .map(({ name, encodedBodySize }) => ({ name: name.split('/').at(-1), bytes: encodedBodySize })),
  )
  expect(files.every(({ bytes }) => bytes > 0)).toBe(true)
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0) / 1024
  expect(total, JSON.stringify(files, null, 1)).toBeLessThan(BUDGET_KB)
})
