import type { RealtimeChannel, SupabaseClient } from '@supabase/supabase-js'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect } from 'vitest'
import { clientFor, eventually } from './api'
import { crew } from './crew'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import type { Person } from './person'
import { type Proxy as FaultProxy, startProxy } from './proxy'
import { seat } from './seat'
import { product, testOnOneOrigin as test } from './shared-product'
import { t } from './texts'

/** Ada has four tabs of one browser open. Grace writes, through the API. One test leads to the next. */
let proxy: FaultProxy
let grace: SupabaseClient
let channelIds: string[]
let tabs: Person[]
let path: (index: number) => string
let ada: Member

beforeAll(async () => {
  proxy = await startProxy({ port: product.port })
})
const people = crew(['ada'], { url: () => proxy.url })

beforeAll(async () => {
  const members = (await makeCrowd(product, 2)) as [Member, Member]
  const made = await makeWorkspace(product, members, [
    { name: 'one', kind: 'private' },
    { name: 'two', kind: 'private' },
  ])
  channelIds = made.channelIds
  path = (index) => `/w/${made.slug}/c/${channelIds[index]}`
  ada = members[0]
  grace = clientFor(product.url, product.secrets.publishableKey, members[1])
  await grace.realtime.setAuth(members[1].token)
  workspaceId = made.workspaceId
  await seat(people.ada, ada, path(0))
  await people.ada.composer('one').waitFor()
  tabs = [people.ada, ...(await Promise.all([0, 0, 0].map((index) => people.ada.openTab(path(index)))))]
  for (const tab of tabs) await tab.composer('one').waitFor()
})
let workspaceId: string

afterAll(async () => {
  await grace?.removeAllChannels()
  await proxy?.stop()
})

test('four tabs have one socket, and a message reaches all of them, once', async () => {
  await arrivesEverywhere('to all tabs')
  expect(proxy.sockets()).toBe(1)
})

test('the person is here once, however many tabs they have', async () => {
  const room = await watchRoom()
  await eventually('Ada is seen', () => seen(room))
  expect(room.presenceState()[ada.userId]).toHaveLength(1)
  await grace.removeChannel(room)
})

test('what one tab does shows in the others at once', async () => {
  const [first, second] = tabs as [Person, Person]
  await first.composer('one').fill('half a thought')
  await expect.poll(() => second.composer('one').inputValue()).toBe('half a thought')
  await first.composer('one').press('Enter')
  for (const tab of tabs) await tab.message('half a thought').waitFor()
  await expect.poll(() => second.composer('one').inputValue()).toBe('')
})

test('read in one tab is read in all', async () => {
  const [first, second] = tabs as [Person, Person]
  for (const tab of tabs.slice(1)) await tab.openChannel('two')
  await first.openChannel('two')
  await write('nobody looks', 0)
  for (const tab of tabs) await tab.channel('one').getByText(t('app.hasUnread')).waitFor()
  await second.openChannel('one')
  for (const tab of tabs) {
    await tab.channel('one').getByText(t('app.hasUnread')).waitFor({ state: 'detached' })
  }
  for (const tab of tabs) await tab.openChannel('one')
})

test('typing is heard and said by whichever tab has the channel open', async () => {
  const leading = await leader()
  const follower = tabs.find((tab) => tab !== leading) as Person
  await follower.openChannel('two')
  const topic = grace.channel(`channel:${channelIds[1]}`, { config: { private: true } })
  let heard = 0
  topic.on('broadcast', { event: 'typing' }, () => heard++)
  await new Promise<void>((resolve) => topic.subscribe((status) => status === 'SUBSCRIBED' && resolve()))
  await eventually('Grace hears that Ada types', async () => {
    await follower.composer('two').pressSequentially('.')
    return heard > 0
  })
  const typing = follower.page.getByText(t('presence.typingOne', { name: 'Person 1' }))
  await eventually('Ada sees that Grace types', async () => {
    await topic.send({ type: 'broadcast', event: 'typing', payload: { thread_id: null } })
    return typing.isVisible()
  })
  await grace.removeChannel(topic)
  await follower.composer('two').fill('')
  await follower.openChannel('one')
  expect(proxy.sockets()).toBe(1)
})

test('the tab with the socket closes: the others go on, and nothing is lost or doubled', async () => {
  const room = await watchRoom()
  await eventually('Ada is seen', () => seen(room))
  const closing = await leader()
  tabs = tabs.filter((tab) => tab !== closing)
  const written = write('while it closes')
  await closing.page.close()
  await written
  await showsEverywhere('while it closes')
  await arrivesEverywhere('after it closed')
  expect(proxy.sockets()).toBe(1)
  await eventually('Ada is seen again', () => seen(room))
  await grace.removeChannel(room)
})

test('the tab with the socket crashes', async () => {
  // With its process the worker may go that other tabs ask by: what they were asking for fails, and is asked for again.
  people.ada.expectProblem(/ERR_FAILED/)
  const crashing = await leader()
  tabs = tabs.filter((tab) => tab !== crashing)
  const session = await crashing.context.newCDPSession(crashing.page)
  session.send('Page.crash').catch(() => {})
  await write('while it crashes')
  await showsEverywhere('while it crashes')
  await arrivesEverywhere('after it crashed')
  await eventually('one socket is left', () => proxy.sockets() === 1)
})

test('the tab with the socket hangs: one that is looked at takes over', async () => {
  const hanging = await leader()
  const awake = tabs.filter((tab) => tab !== hanging)
  const over = hanging.page.evaluate(() => {
    const until = Date.now() + 15_000
    while (Date.now() < until);
  })
  await write('while it hangs')
  for (const tab of awake) await tab.message('while it hangs').waitFor()
  expect(awake).toContain(await leader(awake))
  await over
  await showsEverywhere('while it hangs')
  await eventually('one socket is left', () => proxy.sockets() === 1)
  await arrivesEverywhere('after it woke')
})

test('all tabs catch up after the connection was gone', async () => {
  people.ada.expectProblem(/ERR_|Failed to fetch|fetching the script|WebSocket|status of 50\d/)
  proxy.cut()
  for (let index = 1; index <= 3; index++) await write(`unheard ${index}`)
  proxy.restore()
  for (let index = 1; index <= 3; index++) await showsEverywhere(`unheard ${index}`)
  await eventually('one socket is left', () => proxy.sockets() === 1)
})

/** The tab that the socket belongs to: the one that holds the lock. */
async function leader(among = tabs): Promise<Person> {
  return eventually('a tab leads', async () => {
    for (const tab of among) {
      const [held, own] = await tab.page.evaluate(async () => {
        const { held = [] } = await navigator.locks.query()
        const ids = held
          .filter(({ name }) => /^realtime:[^:]+$/.test(name ?? ''))
          .map(({ clientId }) => clientId)
        // A lock of this tab's own tells which client it is.
        const mine = await navigator.locks.request('who am i', async () => {
          const now = await navigator.locks.query()
          return now.held?.find(({ name }) => name === 'who am i')?.clientId
        })
        return [ids, mine] as const
      })
      if (own && held.includes(own)) return tab
    }
    return undefined
  })
}

async function write(body: string, index = 0) {
  const { error } = await grace.from('messages').insert({ id: uuidv7(), channel_id: channelIds[index], body })
  expect(error).toBeNull()
}

async function showsEverywhere(body: string) {
  for (const tab of tabs) await tab.message(body).waitFor()
  for (const tab of tabs) expect(await tab.message(body).count()).toBe(1)
}

async function arrivesEverywhere(body: string) {
  await write(body)
  await showsEverywhere(body)
}

const seen = (room: RealtimeChannel) => (room.presenceState()[ada.userId]?.length ?? 0) > 0

async function watchRoom(): Promise<RealtimeChannel> {
  const room = grace.channel(`workspace:${workspaceId}`, { config: { private: true } })
  room.on('presence', { event: 'sync' }, () => {})
  await new Promise<void>((resolve) => room.subscribe((status) => status === 'SUBSCRIBED' && resolve()))
  return room
}
