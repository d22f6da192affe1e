// @vitest-environment jsdom
import { act, cleanup, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { SyncStatus } from './ports'
import { type Trouble, troubleOf, useLasting } from './use-trouble'

const well: SyncStatus = { phase: 'ready', live: true, inSync: true, error: null }
const refused = (status: number) => ({ code: 'some_code', status, message: '' })

test.each([
  ['all is well', well, true, null],
  ['nothing is on the screen yet', { ...well, phase: 'loading', inSync: false }, true, null],
  ['the network is gone', { ...well, inSync: false, error: refused(0) }, false, 'offline'],
  ['the network is gone, and nothing has noticed yet', well, false, 'offline'],
  ['the socket is gone', { ...well, live: false, inSync: false }, true, 'reconnecting'],
  ['the socket is back, and what was missed is on its way', { ...well, inSync: false }, true, 'reconnecting'],
  ['nobody answers', { ...well, inSync: false, error: refused(0) }, true, 'silent'],
  ['the server is starting', { ...well, error: refused(503) }, true, 'silent'],
  ['the server is asked too often', { ...well, error: refused(429) }, true, 'busy'],
  ['the server fails', { ...well, inSync: false, error: refused(500) }, true, 'busy'],
  ['the sign-in is not accepted any more', { ...well, inSync: false, error: refused(401) }, true, 'ended'],
  ['a refusal is not the connection', { ...well, error: refused(403) }, true, null],
] as [string, SyncStatus, boolean, Trouble | null][])('%s', (_what, status, online, expected) => {
  expect(troubleOf(status, online, true)).toBe(expected)
})

test('what was never there does not come back', () => {
  expect(troubleOf({ ...well, live: false, inSync: false }, true, false)).toBe('connecting')
})

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

const watch = (first: Trouble | null) => {
  const hook = renderHook((trouble: Trouble | null) => useLasting(trouble), { initialProps: first })
  return {
    now: () => hook.result.current,
    become: (trouble: Trouble | null) => hook.rerender(trouble),
    pass: (ms: number) => act(() => vi.advanceTimersByTime(ms)),
  }
}

test('nothing is said of a short interruption, however many there are', () => {
  const { now, become, pass } = watch('reconnecting')
  for (let blip = 0; blip < 5; blip++) {
    become('reconnecting')
    pass(2_500)
    expect(now()).toBeNull()
    become(null)
    pass(100)
  }
})

test('what lasts is said, also when it turns into something else, and goes at once', () => {
  const { now, become, pass } = watch('reconnecting')
  pass(2_000)
  become('silent')
  pass(1_000)
  expect(now()).toBe('silent')
  become('reconnecting')
  expect(now()).toBe('reconnecting')
  become(null)
  expect(now()).toBeNull()
})

test('a page that begins slowly says nothing for longer', () => {
  const { now, become, pass } = watch('connecting')
  pass(7_000)
  expect(now()).toBeNull()
  become(null)
  pass(10_000)
  expect(now()).toBeNull()
})
