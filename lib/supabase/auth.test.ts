// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from 'vitest'
import { AuthClient } from './auth'

const KEY = 'sb-test-auth-token'
const now = () => Math.floor(Date.now() / 1000)
const session = (expiresIn: number, token = 'kept') => ({
  access_token: token,
  refresh_token: 'refresh',
  token_type: 'bearer',
  expires_in: 3600,
  expires_at: now() + expiresIn,
  user: { id: 'ada', aud: 'authenticated', email: 'ada@example.test' },
})
const keep = (value: unknown) => localStorage.setItem(KEY, JSON.stringify(value))

let asked: string[]
const fetcher = vi.fn(async (input: RequestInfo | URL) => {
  asked.push(new URL(String(input)).pathname + new URL(String(input)).search)
  return Response.json(String(input).includes('/token') ? session(3600, 'renewed') : {})
})
const open = () =>
  new AuthClient({
    url: 'http://auth.test/auth/v1',
    headers: {},
    storageKey: KEY,
    persistSession: true,
    autoRefreshToken: false,
    detectSessionInUrl: true,
    fetch: fetcher as typeof fetch,
  } as never) as AuthClient & {
    signOut(options: object): Promise<unknown>
    mfa: { listFactors(): Promise<unknown> }
  }

beforeEach(() => {
  localStorage.clear()
  asked = []
})

test('the kept session is enough while its token is good', async () => {
  keep(session(3600))
  const auth = open()
  expect((await auth.getSession()).data.session?.access_token).toBe('kept')
  const heard = await new Promise((resolve) => auth.onAuthStateChange((event) => resolve(event)))
  expect(heard).toBe('INITIAL_SESSION')
  expect(asked).toEqual([])
})

test('a token that is about to end is renewed by the real client, and listeners hear of it', async () => {
  keep(session(30))
  const auth = open()
  const heard: string[] = []
  auth.onAuthStateChange((event, current) => void heard.push(`${event} ${current?.access_token}`))
  expect((await auth.getSession()).data.session?.access_token).toBe('renewed')
  expect(asked).toEqual(['/auth/v1/token?grant_type=refresh_token'])
  await vi.waitFor(() => expect(heard).toContain('INITIAL_SESSION renewed'))
})

test('without a session there is none', async () => {
  expect((await open().getSession()).data.session).toBeNull()
})

test('what is broken in the store is no session', async () => {
  localStorage.setItem(KEY, '{"access_token":')
  expect((await open().getSession()).data.session).toBeNull()
})

test('signing out ends it here, and everybody hears of it', async () => {
  keep(session(3600))
  const auth = open()
  const heard: string[] = []
  auth.onAuthStateChange((event) => void heard.push(event))
  await auth.signOut({ scope: 'local' })
  expect(heard).toContain('SIGNED_OUT')
  expect(localStorage.getItem(KEY)).toBeNull()
  expect((await auth.getSession()).data.session).toBeNull()
})

test('another tab signs out: this one hears it without the real client', async () => {
  keep(session(3600))
  const auth = open()
  const heard = new Promise((resolve) =>
    auth.onAuthStateChange((event) => {
      if (event === 'SIGNED_OUT') resolve(event)
    }),
  )
  new BroadcastChannel(KEY).postMessage({ event: 'SIGNED_OUT', session: null })
  expect(await heard).toBe('SIGNED_OUT')
})

test('calls inside of namespaces reach the real client', async () => {
  keep(session(3600))
  await open().mfa.listFactors()
  expect(asked).toEqual(['/auth/v1/user'])
})
