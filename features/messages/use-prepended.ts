'use client'

import { useLayoutEffect, useRef } from 'react'
import type { Item } from './items'

/** True in the one drawing in which rows were put before the first: the list then holds its place from the end. */
export function usePrepended(items: readonly Item[]): boolean {
  const first = useRef<string | undefined>(undefined)
  const before = first.current
  useLayoutEffect(() => {
    first.current = items[0]?.key
  }, [items])
  return before !== undefined && items[0]?.key !== before && items.some((item) => item.key === before)
}
