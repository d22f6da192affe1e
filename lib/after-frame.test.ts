// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { afterFrame } from './after-frame'

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'cancelAnimationFrame'],
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test('runs behind the next frame, not in it', () => {
  const ran: string[] = []
  afterFrame(() => ran.push('behind'))
  requestAnimationFrame(() => ran.push('frame'))
  expect(ran).toEqual([])
  vi.runAllTimers()
  expect(ran).toEqual(['frame', 'behind'])
})

test('can be taken back, before the frame and behind it', () => {
  const run = vi.fn()
  afterFrame(run)()
  const takeBack = afterFrame(run)
  vi.advanceTimersToNextFrame()
  takeBack()
  vi.runAllTimers()
  expect(run).not.toHaveBeenCalled()
})

test('a hidden page has no frames to wait for', () => {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  vi.spyOn(window, 'requestAnimationFrame').mockReturnValue(1)
  const run = vi.fn()
  afterFrame(run)
  vi.runAllTimers()
  expect(run).toHaveBeenCalledOnce()
})
