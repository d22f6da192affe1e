import { useCallback, useEffect, useRef, useState } from 'react'

type State<T> = { items: T[]; phase: 'loading' | 'ready' | 'failed'; error: unknown; hasMore: boolean }

/**
 * A list that comes page by page. `key` says what is listed: when it changes the first page is loaded anew, and the
 * old items stay until it is there. `load` gets the last item so far, or null for the first page. What failed is loaded
 * again when the network is back.
 */
export function usePages<T>(key: string, load: (last: T | null) => Promise<T[]>, pageSize = 50) {
  const [state, setState] = useState<State<T>>({ items: [], phase: 'loading', error: null, hasMore: false })
  const [attempt, setAttempt] = useState(0)
  const latest = useRef(load)
  latest.current = load
  // A page that belongs to an earlier key is thrown away.
  const run = useRef(0)

  const fetchPage = useCallback(
    async (last: T | null) => {
      const mine = ++run.current
      setState((current) => ({ ...current, phase: 'loading', error: null }))
      try {
        const page = await latest.current(last)
        if (mine !== run.current) return
        setState((current) => ({
          items: last === null ? page : [...current.items, ...page],
          phase: 'ready',
          error: null,
          hasMore: page.length === pageSize,
        }))
      } catch (error) {
        if (mine === run.current) setState((current) => ({ ...current, phase: 'failed', error }))
      }
    },
    [pageSize],
  )

  // biome-ignore lint/correctness/useExhaustiveDependencies: another key or attempt is another list
  useEffect(() => {
    void fetchPage(null)
    return () => {
      run.current++
    }
  }, [key, attempt, fetchPage])

  const failed = state.phase === 'failed'
  useEffect(() => {
    if (!failed) return
    const again = () => setAttempt((current) => current + 1)
    window.addEventListener('online', again)
    return () => window.removeEventListener('online', again)
  }, [failed])

  return {
    ...state,
    more: () => {
      if (state.phase === 'ready' && state.hasMore) void fetchPage(state.items.at(-1) ?? null)
    },
    retry: () => setAttempt((current) => current + 1),
    /** Changes what is shown after the server has been told. */
    update: (change: (items: T[]) => T[]) =>
      setState((current) => ({ ...current, items: change(current.items) })),
  }
}
