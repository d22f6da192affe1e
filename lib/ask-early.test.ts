import { createClient, type Session } from '@supabase/supabase-js'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { askEarlyScript } from './ask-early'
import { takeEarly } from './early-answers'
import { localDatabaseName } from './local-data'
import { fetchKeepingRetryAfter } from './supabase/fetch'

const CONFIG = { supabaseUrl: '', supabaseKey: 'key' }
const ORIGIN = 'https://chat.example.com'
const PAGE = { channel_id: 'c 1', before_seq: null, after_seq: null, around_seq: null }

let stored: Map<string, string>
let databases: string[]
let asked: { url: string; init: RequestInit }[]
let answer: (url: string) => Promise<Response>

const token = (claims: object) => `h.${btoa(JSON.stringify(claims))}.s`
const session = {
  access_token: token({ aal: 'aal1' }),
  refresh_token: 'r',
  expires_at: Date.now() / 1000 + 3600,
  user: { id: 'u', factors: [] as { status: string }[] },
}

beforeEach(() => {
  stored = new Map([['config', JSON.stringify(CONFIG)]])
  databases = []
  asked = []
  answer = async (url) => Response.json(url.endsWith('/api/config') ? CONFIG : { from: url })
  keep(session)
  vi.stubGlobal('localStorage', { getItem: (key: string) => stored.get(key) ?? null })
  vi.stubGlobal('indexedDB', { databases: async () => databases.map((name) => ({ name })) })
  vi.stubGlobal('fetch', (url: string, init: RequestInit = {}) => {
    asked.push({ url, init })
    return answer(url)
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
  globalThis.askedEarly = undefined
  globalThis.askedConfig = undefined
})

const keep = (value: object) => stored.set('sb-chat-auth-token', JSON.stringify(value))
const names = () => asked.map(({ url }) => url.replace(/.*\//, ''))

/** Runs it as the document does: as text, without anything of this file. */
async function visit(path: string) {
  const { pathname, search } = new URL(path, ORIGIN)
  vi.stubGlobal('location', { pathname, search, origin: ORIGIN })
  new Function(askEarlyScript)()
  await new Promise((resolve) => setTimeout(resolve))
}

function client(url = ORIGIN) {
  return createClient(url, CONFIG.supabaseKey, {
    accessToken: async () => session.access_token,
    global: { fetch: fetchKeepingRetryAfter },
    realtime: { transport: WebSocket as never },
  })
}

test('asks for the picture and the channel, and what it is answered is the answer to supabase-js', async () => {
  await visit('/w/acme/c/c%201')
  expect(names()).toEqual(['bootstrap', 'channel_page'])
  const { data } = await client().rpc('bootstrap', { workspace_slug: 'acme' })
  expect(data).toEqual({ from: `${ORIGIN}/rest/v1/rpc/bootstrap` })
  expect((await client().rpc('channel_page', PAGE)).data).toEqual({
    from: `${ORIGIN}/rest/v1/rpc/channel_page`,
  })
  expect(asked).toHaveLength(2)
  // Once: whoever asks again wants to know what is true by then.
  await client().rpc('bootstrap', { workspace_slug: 'acme' })
  expect(names()).toEqual(['bootstrap', 'channel_page', 'bootstrap'])
  const [first, , again] = asked.map(({ init }) => new Headers(init.headers))
  for (const name of ['content-type', 'content-profile', 'apikey', 'authorization']) {
    expect(first?.get(name), name).toBe(again?.get(name))
  }
})

test('what somebody else is asked, or with another token, is not answered by it', async () => {
  await visit('/w/acme')
  await client().rpc('bootstrap', { workspace_slug: 'other' })
  const url = asked[0]?.url ?? ''
  const { body, headers } = asked[0]?.init ?? {}
  expect(takeEarly(url, { body: body ?? null, headers: { authorization: 'Bearer another' } })).toBeNull()
  expect(asked).toHaveLength(2)
  expect(takeEarly(url, { body: body ?? null, headers: headers ?? {} })).not.toBeNull()
})

test('an answer that was not fetched in time is none', async () => {
  await visit('/w/acme')
  vi.useFakeTimers({ now: Date.now() + 31_000, toFake: ['Date'] })
  await client().rpc('bootstrap', { workspace_slug: 'acme' })
  expect(asked).toHaveLength(2)
})

test('a server that could not be asked is asked again, and a refusal is passed on', async () => {
  answer = async () => Promise.reject(new TypeError('Failed to fetch'))
  await visit('/w/acme')
  answer = async () => Response.json('now')
  expect((await client().rpc('bootstrap', { workspace_slug: 'acme' })).data).toBe('now')

  asked = []
  answer = async () =>
    new Response('{"message":"slow down"}', { status: 429, headers: { 'retry-after': '3' } })
  await visit('/w/acme')
  const { error, status } = await client().rpc('bootstrap', { workspace_slug: 'acme' })
  expect({ status, error }).toMatchObject({ status: 429, error: { message: 'slow down', retry_after: 3 } })
  expect(asked).toHaveLength(1)
})

test('on a first visit it asks for the configuration, which the code finds as well', async () => {
  stored.delete('config')
  await visit('/w/acme')
  expect(names()).toEqual(['config', 'bootstrap'])
  expect(await (await globalThis.askedConfig)?.json()).toEqual(CONFIG)
})

test('asks the database that the configuration names', async () => {
  stored.set('config', JSON.stringify({ ...CONFIG, supabaseUrl: 'https://abc.supabase.co/' }))
  stored.set('sb-abc-auth-token', JSON.stringify(session))
  await visit('/w/acme')
  expect(asked.map(({ url }) => url)).toEqual(['https://abc.supabase.co/rest/v1/rpc/bootstrap'])
})

test.each(['https://Chat.Example.com', 'https://chat.example.com:443/'])(
  'asks once where the site calls itself %s',
  async (supabaseUrl) => {
    stored.set('config', JSON.stringify({ ...CONFIG, supabaseUrl }))
    await visit('/w/acme')
    await client(supabaseUrl).rpc('bootstrap', { workspace_slug: 'acme' })
    expect(names()).toEqual(['bootstrap'])
  },
)

test('a server that failed is asked again: it may answer by now', async () => {
  answer = async () => new Response('', { status: 503, headers: { 'retry-after': '3' } })
  await visit('/w/acme')
  answer = async () => Response.json('now')
  expect((await client().rpc('bootstrap', { workspace_slug: 'acme' })).data).toBe('now')
})

test.each<[string, Partial<Session> | object | null, string]>([
  ['nobody is signed in', null, '/w/acme'],
  ['the token is about to expire', { expires_at: Date.now() / 1000 + 60 }, '/w/acme'],
  ['a second factor was not shown', { user: { id: 'u', factors: [{ status: 'verified' }] } }, '/w/acme'],
  ['the address is another one', {}, '/sign-in'],
  ['the address names no workspace', {}, '/w/'],
])('asks nothing where %s', async (_name, change, path) => {
  if (change) keep({ ...session, ...change })
  else stored.delete('sb-chat-auth-token')
  await visit(path)
  expect(asked).toEqual([])
})

test('asks for the channel only where it will be asked for', async () => {
  const strong = {
    access_token: token({ aal: 'aal2' }),
    user: { id: 'u', factors: [{ status: 'verified' }] },
  }
  keep({ ...session, ...strong })
  for (const path of ['/w/acme/browse', '/w/acme/c/c1?m=1', '/w/acme/c/c1/x']) await visit(path)
  databases = [localDatabaseName('u', 'cache')]
  await visit('/w/acme/c/c1')
  expect(names()).toEqual(Array(4).fill('bootstrap'))
})
