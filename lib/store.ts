import { useRef, useSyncExternalStore } from 'react'

/** A value that components can watch. `set` takes the next value or a function of the current one. */
export type Store<T> = {
  get(): T
  set(next: T | ((current: T) => T)): void
  subscribe(listener: () => void): () => void
}

/**
 * Makes a store. Setting the value it already holds tells nobody.
 *
 * @example const counter = createStore(0); counter.set((n) => n + 1)
 */
export function createStore<T>(initial: T): Store<T> {
  let value = initial
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    set(next) {
      const resolved = typeof next === 'function' ? (next as (current: T) => T)(value) : next
      if (Object.is(resolved, value)) return
      value = resolved
      for (const listener of [...listeners]) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** True when two values are the same, or arrays / plain objects whose direct members are the same. */
export function shallowEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const left = Object.entries(a)
  if (left.length !== Object.keys(b).length) return false
  return left.every(([key, value]) => key in b && Object.is(value, (b as Record<string, unknown>)[key]))
}

/**
 * What `select` picks out of the store, again whenever that changes. A selector may build a new array or
 * object each time: the previous one is kept while its members are the same, so nothing is drawn for nothing.
 */
export function useStore<T, S>(store: Store<T>, select: (value: T) => S): S {
  const last = useRef<{ picked: S } | null>(null)
  // React asks again after drawing; what this selector made of this value is still what it makes of it.
  let seen: { value: T; picked: S } | null = null
  const snapshot = () => {
    const value = store.get()
    if (seen && Object.is(seen.value, value)) return seen.picked
    const picked = select(value)
    if (!last.current || !shallowEqual(last.current.picked, picked)) last.current = { picked }
    seen = { value, picked: last.current.picked }
    return seen.picked
  }
  return useSyncExternalStore(store.subscribe, snapshot, snapshot)
}
