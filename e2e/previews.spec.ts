import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { eventually, openDatabase } from './api'
import { crew } from './crew'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { lightbox, png, sendFiles, shown } from './files'
import { type Proxy as FaultProxy, startProxy } from './proxy'
import { seat } from './seat'
import { product, testOnOneOrigin as test } from './shared-product'
import { t } from './texts'

let proxy: FaultProxy
beforeAll(async () => {
  proxy = await startProxy({ port: product.port })
})

/** Two people in a private channel; what happens to one of them can be kept from the other. */
const near = crew(['ada'])
const far = crew(['grace'], { url: () => proxy.url })
const two = () => ({ ...near, ...far })
let members: [Member, Member]
let channelId: string
let database: ReturnType<typeof openDatabase>

beforeAll(async () => {
  members = (await makeCrowd(product, 2)) as typeof members
  const made = await makeWorkspace(product, members, [{ name: 'gallery', kind: 'private' }])
  channelId = made.channelIds[0] as string
  const path = `/w/${made.slug}/c/${channelId}`
  database = openDatabase(product)
  const { ada, grace } = two()
  await seat(ada, members[0], path)
  await seat(grace, members[1], path)
  await ada.composer('gallery').waitFor()
  await grace.composer('gallery').waitFor()
})
afterAll(async () => {
  await database?.end()
  await proxy?.stop()
})
beforeEach(async () => {
  for (const person of Object.values(two())) await person.page.bringToFront()
})

test('a picture stays open when the timeline it was opened from is drawn anew', async () => {
  const { ada, grace } = two()
  await sendFiles(ada, 'gallery', 'Look at this', await png('stays.png', 300, 200))
  await shown(grace, 'stays.png').click()
  await lightbox(grace, 'stays.png').getByRole('img').waitFor()
  const rows = grace.page.locator('[role="log"] article')
  grace.expectProblem(/ERR_|Failed to fetch|WebSocket|status of 50\d/)
  proxy.cut()
  // More than a page of changes: a window of its own, without the row that the picture is in.
  await database`
    insert into public.messages (id, channel_id, user_id, body)
    select gen_random_uuid(), ${channelId}, ${members[0].userId}, 'tick ' || n from generate_series(1, 300) as n`
  proxy.restore()
  await rows.filter({ hasText: 'tick 300' }).waitFor({ state: 'attached' })
  await rows.filter({ hasText: 'Look at this' }).waitFor({ state: 'detached' })
  await lightbox(grace, 'stays.png').getByRole('img').waitFor()
  await grace.page.keyboard.press('Escape')
  await lightbox(grace, 'stays.png').waitFor({ state: 'detached' })
  await eventually('the focus is where one writes', () =>
    grace.composer('gallery').evaluate((field) => field === document.activeElement),
  )
})

test('a picture closes with the message that is deleted, and with the channel', async () => {
  const { ada, grace } = two()
  await sendFiles(ada, 'gallery', 'Not for long', await png('brief.png', 300, 200))
  await shown(grace, 'brief.png').click()
  await lightbox(grace, 'brief.png').getByRole('img').waitFor()
  await ada.messageMenu('Not for long', t('messages.delete'))
  await ada.confirm(t('messages.delete'))
  await lightbox(grace, 'brief.png').waitFor({ state: 'detached' })

  await sendFiles(ada, 'gallery', 'For members', await png('members.png', 300, 200))
  await shown(grace, 'members.png').click()
  await lightbox(grace, 'members.png').getByRole('img').waitFor()
  grace.expectProblem(/status of 404/)
  await database`
    delete from public.channel_members where channel_id = ${channelId} and user_id = ${members[1].userId}`
  await lightbox(grace, 'members.png').waitFor({ state: 'detached' })
  await grace.page.getByText(t('errors.channel_not_found')).waitFor()
})

test('code in a message takes on colours, and nothing of it moves', async () => {
  const { ada } = two()
  await ada.say('gallery', '```py\ndef main():\n    # nothing yet\n    return "done"\n```')
  const code = ada.timeline.locator('article code').last()
  await code.locator('.hljs-keyword', { hasText: 'def' }).waitFor()
  const [coloured, plain] = await code.evaluate((element) => {
    const box = () => {
      const { x, y, width, height } = element.getBoundingClientRect()
      // Widths are summed up in 64ths of a pixel.
      return [x, y, width, height].map(Math.round)
    }
    const before = box()
    // The same without colours, which is how it was drawn at first.
    element.textContent = `${element.textContent}`
    return [before, box()]
  })
  expect(coloured).toEqual(plain)
})
