import { useCallback, useState } from 'react'

const KEY = 'sidebar-width'
export const SIDEBAR = { min: 200, max: 400, usual: 264 }

const within = (width: number) => Math.round(Math.min(SIDEBAR.max, Math.max(SIDEBAR.min, width)))

/** The sidebar's width on this device. */
export function useSidebarWidth() {
  const [width, setWidth] = useState(() => {
    const stored = Number(globalThis.localStorage?.getItem(KEY))
    return stored ? within(stored) : SIDEBAR.usual
  })
  const resize = useCallback((next: number) => {
    setWidth(within(next))
    localStorage.setItem(KEY, String(within(next)))
  }, [])
  return [width, resize] as const
}
