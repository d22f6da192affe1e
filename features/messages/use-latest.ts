'use client'

import { useCallback, useRef } from 'react'

/** One function for good that always calls the newest one given. */
export function useLatest<A extends unknown[], R>(call: (...args: A) => R): (...args: A) => R {
  const latest = useRef(call)
  latest.current = call
  return useCallback((...args: A) => latest.current(...args), [])
}
