import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { presence, setPresence } from './store'
import { Typing } from './typing'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a person is here when any of their devices is', () => {
  setPresence({ ada: [{ state: 'away' }, { state: 'online' }], bob: [{ state: 'away' }], eve: [] })
  expect(presence.get()).toEqual({ ada: 'online', bob: 'away' })
})

test('typing is told at most once a second', () => {
  const send = vi.fn()
  const typing = new Typing('ada', send)
  for (let i = 0; i < 30; i++) {
    typing.typed(null)
    vi.advanceTimersByTime(100)
  }
  expect(send).toHaveBeenCalledTimes(3)
})

test('others fade after five seconds, or when their message is here; oneself is never shown', () => {
  const typing = new Typing('ada', () => {})
  const names = () => typing.store.get().map((typist) => typist.user_id)
  typing.receive({ user_id: 'ada', thread_id: null })
  typing.receive({ user_id: 'bob', thread_id: null })
  vi.advanceTimersByTime(3_000)
  typing.receive({ user_id: 'eve', thread_id: 'root' })
  expect(names()).toEqual(['bob', 'eve'])
  vi.advanceTimersByTime(2_500)
  expect(names()).toEqual(['eve'])
  typing.arrived('eve', null)
  expect(names()).toEqual(['eve'])
  typing.arrived('eve', 'root')
  expect(names()).toEqual([])
})
