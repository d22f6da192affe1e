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
