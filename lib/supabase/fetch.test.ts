import { afterEach, expect, test, vi } from 'vitest'
import { fetchKeepingRetryAfter, retryAfterSeconds } from './fetch'

afterEach(() => vi.unstubAllGlobals())

test('reads seconds and dates', () => {
  expect(retryAfterSeconds('12', 0)).toBe(12)
  expect(retryAfterSeconds(new Date(90_000).toUTCString(), 60_000)).toBe(30)
  expect(retryAfterSeconds('soon', 0)).toBeUndefined()
})

test('carries Retry-After inside the body of a refusal and leaves every other answer alone', async () => {
  const ok = new Response('[]', { status: 200 })
  vi.stubGlobal('fetch', async (url: string) =>
    url === '/ok'
      ? ok
      : new Response('{"message":"slow down"}', { status: 429, headers: { 'retry-after': '3' } }),
  )
  expect(await fetchKeepingRetryAfter('/ok')).toBe(ok)
  const refused = await fetchKeepingRetryAfter('/busy')
  expect(await refused.json()).toEqual({ message: 'slow down', retry_after: 3 })
})

/** A line that swallows everything. */
const silence = (_url: string, init: RequestInit) =>
  new Promise((_resolve, reject) => {
    init.signal?.addEventListener('abort', () => reject(init.signal?.reason))
  })

test('gives up a request that is never answered, and passes on who else gave it up', async () => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', silence)
  const swallowed = fetchKeepingRetryAfter('/rest/v1/messages').catch((error: Error) => error.message)
  await vi.advanceTimersByTimeAsync(30_000)
  expect(await swallowed).toMatch(/timed out/)

  const mine = new AbortController()
  const left = fetchKeepingRetryAfter('/rest/v1/messages', { signal: mine.signal }).catch(String)
  mine.abort('no longer wanted')
  expect(await left).toBe('no longer wanted')
  vi.useRealTimers()
})

test('asks again for a new token while the old one still may be used again', async () => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', silence)
  const refresh = fetchKeepingRetryAfter('/auth/v1/token?grant_type=refresh_token')
  const swallowed = refresh.catch((error: Error) => error.message)
  // The server takes a token again for ten seconds; the second attempt has to arrive within them.
  await vi.advanceTimersByTimeAsync(5_000)
  expect(await swallowed).toMatch(/timed out/)
  vi.useRealTimers()
})
