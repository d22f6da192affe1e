import { useCallback, useEffect, useState } from 'react'

/**
 * State of one of several things that a component shows in turn: it is the first value again for another one, and when that
 * one comes back.
 */
export function useStateOf<T>(owner: string, first: T): [T, (next: T) => void] {
  const [held, hold] = useState<{ owner: string; value: T } | null>(null)
  useEffect(() => () => hold((last) => (last?.owner === owner ? null : last)), [owner])
  const set = useCallback((value: T) => hold({ owner, value }), [owner])
  return [held?.owner === owner ? held.value : first, set]
}
