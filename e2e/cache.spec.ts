import type { SupabaseClient } from '@supabase/supabase-js'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect } from 'vitest'
import { clientFor, eventually, openDatabase } from './api'
import { crew } from './crew'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { attach, ready, text } from './files'
import { keptText } from './kept'
import type { Person } from './person'
import { type Proxy as FaultProxy, startProxy } from './proxy'
import { seat } from './seat'
import { product, testOnOneOrigin as test } from './shared-product'

/** What Ada's browser keeps, and for whom. Grace writes, through the API. One test leads to the next. */
let proxy: FaultProxy
let members: [Member, Member, Member]
let grace: SupabaseClient
let home: string
let den: string
let slug: string
let ada: Person

beforeAll(async () => {
  proxy = await startProxy({ port: product.port })
})
const people = crew(['ada'], { url: () => proxy.url })

beforeAll(async () => {
  ada = people.ada
  ada.expectProblem(
    /ERR_|Failed to fetch|fetching the script|WebSocket|status of (40[0134]|50\d)|AuthRetryable/,
  )
  members = (await makeCrowd(product, 3)) as typeof members
  const made = await makeWorkspace(product, members, [
    { name: 'home', kind: 'private', members: members.slice(0, 2) },
    { name: 'den', kind: 'private', members: members.slice(0, 2) },
    { name: 'attic', kind: 'private', members: members.slice(2) },
  ])
  ;[home, den] = made.channelIds as [string, string]
  slug = made.slug
  grace = clientFor(product.url, product.secrets.publishableKey, members[1])
  await write(home, 'bread and butter')
  await write(den, 'the bear sleeps')
  await seat(ada, members[0], `/w/${slug}/c/${den}`)
  await ada.message('the bear sleeps').waitFor()
  await ada.openChannel('home')
  await ada.message('bread and butter').waitFor()
})

afterAll(() => proxy?.stop())

test('without a server a reload shows the last state, and what is written goes out later, in order, once', async () => {
  // Messages, the sidebar, and the frame.
  await keeps('bread and butter', 'the bear sleeps', 'last_read_seq', `${proxy.url}/w/`)
  proxy.cut()
  await ada.page.reload()
  await ada.message('bread and butter').waitFor()
  await ada.say('home', 'written in the dark 1')
  await ada.say('home', 'written in the dark 2')
  await ada.message('written in the dark 2').waitFor()
  await ada.openChannel('den')
  await ada.message('the bear sleeps').waitFor()

  // The laptop is closed overnight: the token is old, too, and the bare address has to do.
  await ada.page.evaluate(() => {
    for (const key of Object.keys(localStorage)) {
      if (!key.endsWith('-auth-token')) continue
      const session = JSON.parse(localStorage.getItem(key) ?? '')
      localStorage.setItem(key, JSON.stringify({ ...session, expires_at: 1 }))
    }
  })
  const again = await ada.openTab('/')
  await ada.page.close()
  ada = again
  await ada.openChannel('home')
  await ada.message('written in the dark 2').waitFor()

  await seatAgain()
  proxy.restore()
  await eventually('both are stored', async () => (await bodies(home)).length >= 3)
  expect(await bodies(home)).toEqual(['bread and butter', 'written in the dark 1', 'written in the dark 2'])
  await ada.stored('written in the dark 2')
  expect(await ada.message('written in the dark').count()).toBe(2)
})

test('what was edited and deleted meanwhile is so on the disk, without opening the channel', async () => {
  await ada.openChannel('home')
  await away(async () => {
    await write(den, 'the bear dreams')
    const [slept] = await rows(den)
    const edited = await grace
      .from('messages')
      .update({ body: 'the bear wakes' })
      .eq('body', 'the bear dreams')
    const deleted = await grace.rpc('delete_message', { message_id: slept })
    expect([edited.error, deleted.error]).toEqual([null, null])
  })
  await eventually('the den on the disk is as on the server', async () => {
    const text = await keptText(ada.page)
    return text.includes('the bear wakes') && !text.includes('the bear sleeps')
  })
  await ada.openChannel('den')
  await ada.message('the bear wakes').waitFor()
})

test('more than a page behind: a fresh window', async () => {
  await ada.openChannel('home')
  await away(async () => {
    const sql = openDatabase(product)
    await sql`
      insert into public.messages (id, channel_id, user_id, body)
      select gen_random_uuid(), ${den}, ${members[1].userId}, 'tick ' || n from generate_series(1, 300) as n`
    await sql.end()
  })
  await ada.openChannel('den')
  await ada.message('tick 300').waitFor()
  expect(await ada.message('the bear').count()).toBe(0)
})

test('a channel that was lost is gone from the disk', async () => {
  await keeps('tick 300')
  await ada.openChannel('home')
  await away(async () => {
    const sql = openDatabase(product)
    await sql`
      delete from public.channel_members where channel_id = ${den} and user_id = ${members[0].userId}`
    await sql.end()
  })
  await ada.channel('den').waitFor({ state: 'detached' })
  await eventually('nothing of the den is kept', async () => !(await keptText(ada.page)).includes('tick '))
})

test('signing out in one tab leaves nothing, in no tab; another person finds nothing of the first', async () => {
  await keeps('bread and butter')
  const other = await ada.openTab(`/w/${slug}/c/${home}`)
  await other.message('bread and butter').waitFor()
  await other.composer('home').fill('a thought of the first')
  await attach(other, text('a-name-of-the-first.txt', 'waits to be sent'))
  await ready(other, 'a-name-of-the-first.txt')
  expect(await keptText(other.page)).toContain('a-name-of-the-first')
  await ada.page
    .getByRole('button', { name: /^Person 0/ })
    .first()
    .click()
  await ada.chooseFromMenu('Sign out')
  await ada.page.waitForURL('**/sign-in**')
  await other.page.waitForURL('**/sign-in**')
  for (const tab of [ada, other]) {
    const text = await keptText(tab.page)
    expect(text).not.toMatch(
      /bread and butter|in the dark|the bear|a thought|a-name-of|enterprise-chat:|auth-token|Person 0|crowd-/,
    )
  }
  await other.page.close()

  await seat(ada, members[2], `/w/${slug}`)
  await ada.composer('attic').waitFor()
  await keeps(members[2].userId, 'last_read_seq')
  expect(await keptText(ada.page)).not.toMatch(/bread and butter|in the dark|the bear|a thought/)
})

test('what another person left behind is removed when somebody signs in', async () => {
  await ada.page.evaluate(
    (id) =>
      new Promise((resolve) => {
        const request = indexedDB.open(`enterprise-chat:${id}:cache`)
        request.onsuccess = () => resolve(request.result.close())
        localStorage.setItem(`enterprise-chat:${id}:draft:x:`, 'a leftover')
      }),
    members[0].userId,
  )
  await ada.page.reload()
  await ada.composer('attic').waitFor()
  await eventually('the leftover is gone', async () => {
    return !(await keptText(ada.page)).includes(members[0].userId.concat(':'))
  })
})

test('a session that the server ended shows nothing and keeps nothing that was read', async () => {
  const sql = openDatabase(product)
  await sql`delete from auth.sessions where id = ${members[2].sessionId}`
  await sql.end()
  await ada.page.reload()
  await ada.page.waitForURL('**/sign-in**')
  const databases = await ada.page.evaluate(async () =>
    (await indexedDB.databases()).map(({ name }) => name ?? ''),
  )
  expect(databases.filter((name) => name.endsWith(':cache'))).toEqual([])
  expect(await ada.timeline.count()).toBe(0)
})

/** Waits until all of these are kept in the browser. */
const keeps = (...parts: string[]) =>
  eventually(`${parts.join(', ')} are kept`, async () => {
    const text = await keptText(ada.page)
    return parts.every((part) => text.includes(part))
  })

/** Closes the page, lets things happen, and opens the home channel again. */
async function away(happen: () => Promise<void>) {
  await ada.page.goto('about:blank')
  await happen()
  await ada.page.goto(`/w/${slug}/c/${home}`)
  await ada.composer('home').waitFor()
}

/** The token of a test lives an hour and cannot be renewed: as if it had been. */
async function seatAgain() {
  await ada.page.evaluate(() => {
    for (const key of Object.keys(localStorage)) {
      if (!key.endsWith('-auth-token')) continue
      const session = JSON.parse(localStorage.getItem(key) ?? '')
      localStorage.setItem(key, JSON.stringify({ ...session, expires_at: Date.now() / 1000 + 3_000 }))
    }
  })
}

async function write(channel_id: string, body: string) {
  const { error } = await grace.from('messages').insert({ id: uuidv7(), channel_id, body })
  expect(error).toBeNull()
}

async function rows(channelId: string): Promise<string[]> {
  const { data } = await grace.from('messages').select('id').eq('channel_id', channelId).order('seq')
  return (data ?? []).map(({ id }) => id as string)
}

async function bodies(channelId: string): Promise<string[]> {
  const { data } = await grace.from('messages').select('body').eq('channel_id', channelId).order('seq')
  return (data ?? []).map(({ body }) => body as string)
}
