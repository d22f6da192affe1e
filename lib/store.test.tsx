// @vitest-environment jsdom
import { act, render } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { createStore, shallowEqual, useStore } from './store'

test('tells listeners once per change and not at all when nothing changed', () => {
  const store = createStore({ n: 1 })
  const heard = vi.fn()
  const stop = store.subscribe(heard)
  store.set((value) => value)
  expect(heard).not.toHaveBeenCalled()
  store.set({ n: 2 })
  stop()
  store.set({ n: 3 })
  expect(heard).toHaveBeenCalledTimes(1)
})

const people = createStore({ names: ['ada', 'bob'], other: 0 })
const drawn = vi.fn()

function Names() {
  drawn()
  return useStore(people, (value) => value.names.filter((name) => name !== 'bob')).join()
}

test('a component draws again only when what it selects changed, even for selectors that build arrays', () => {
  const view = render(<Names />)
  act(() => people.set((value) => ({ ...value, other: 1 })))
  expect(drawn).toHaveBeenCalledTimes(1)
  act(() => people.set((value) => ({ ...value, names: ['ada', 'eve'] })))
  expect(view.container.textContent).toBe('ada,eve')
})

test('shallowEqual compares one level', () => {
  expect(shallowEqual([1, 2], [1, 2])).toBe(true)
  expect(shallowEqual({ a: 1 }, { a: 1, b: 2 })).toBe(false)
  expect(shallowEqual([], {})).toBe(false)
})
