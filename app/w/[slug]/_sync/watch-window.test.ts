// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Outbox } from '@/features/messages/outbox'
import type { SharedTopics } from '@/lib/realtime/shared-topics'
import type { SyncEngine } from './engine'
import { watchWindow } from './watch-window'

const ports = { online: vi.fn(), visibility: vi.fn(() => false), wake: vi.fn(), probe: vi.fn() }
let stop: () => void

beforeEach(() => {
  vi.useFakeTimers()
  stop = watchWindow(
    ports as unknown as SyncEngine,
    ports as unknown as Outbox,
    ports as unknown as SharedTopics,
  )
})
afterEach(() => {
  stop()
  vi.clearAllMocks()
  vi.useRealTimers()
})

const calls = () => [ports.probe, ports.online, ports.wake].map(({ mock }) => mock.calls.length)

test('nothing happens while time passes as it should, nor with the slow timers of a hidden page', () => {
  vi.advanceTimersByTime(10 * 60_000)
  vi.setSystemTime(Date.now() + 60_000)
  vi.advanceTimersByTime(5_000)
  expect(calls()).toEqual([0, 0, 0])
})

test('after a sleep the socket is looked at, and everything is asked for again', () => {
  vi.setSystemTime(Date.now() + 2 * 60 * 60_000)
  vi.advanceTimersByTime(5_000)
  expect(calls()).toEqual([1, 1, 1])
  vi.advanceTimersByTime(60_000)
  expect(calls()).toEqual([1, 1, 1])
})

test('a network that is back, and a page out of the back/forward cache, are a wake-up', () => {
  window.dispatchEvent(new Event('online'))
  expect(calls()).toEqual([1, 1, 1])
  window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }))
  expect(calls()).toEqual([1, 1, 1])
  window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
  expect(calls()).toEqual([2, 2, 2])
})

test('a window that was hidden for long looks at its socket, too', () => {
  document.dispatchEvent(new Event('visibilitychange'))
  expect(ports.probe).not.toHaveBeenCalled()
  ports.visibility.mockReturnValueOnce(true)
  document.dispatchEvent(new Event('visibilitychange'))
  expect(ports.probe).toHaveBeenCalledOnce()
})
