import { usePathname, useSearchParams } from 'next/navigation'
import { useMemo } from 'react'

const SCREENS = ['channels', 'browse', 'people', 'invitations', 'preferences', 'account', 'settings'] as const

export type Screen = (typeof SCREENS)[number]
export type View =
  | { name: Screen }
  | { name: 'start' }
  | { name: 'conversation'; channelId: string }
  | { name: 'unknown' }

/** What stands in the right pane, from the query: a thread, a person, or the details of the open channel. */
export type Pane = { kind: 'thread' | 'person' | 'details'; id: string }

const PANE_KEYS = { t: 'thread', p: 'person', d: 'details' } as const

export function parsePath(path: string): { slug: string; view: View } {
  const [, , slug = '', name, id, more] = path.split('/').map(decode)
  if (name === undefined || name === '') return { slug, view: { name: 'start' } }
  if (name === 'c' && id && more === undefined) return { slug, view: { name: 'conversation', channelId: id } }
  const screen = SCREENS.find((known) => known === name)
  return { slug, view: screen && id === undefined ? { name: screen } : { name: 'unknown' } }
}

function decode(part: string) {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

export const workspacePath = (slug: string, screen?: Screen) =>
  `/w/${encodeURIComponent(slug)}${screen ? `/${screen}` : ''}`

export const channelPath = (slug: string, channelId: string) =>
  `/w/${encodeURIComponent(slug)}/c/${channelId}`

/**
 * Goes to an address of the workspace without a round trip: every screen under /w is already in the browser, so only
 * the address changes. Next.js keeps `usePathname`, back and forward in step.
 */
export function navigate(href: string, { replace = false } = {}) {
  if (href === window.location.pathname + window.location.search) return
  window.history[replace ? 'replaceState' : 'pushState'](null, '', href)
}

export function useLocation() {
  const path = usePathname()
  return useMemo(() => parsePath(path), [path])
}

export function parsePane(query: Pick<URLSearchParams, 'get'>): Pane | null {
  for (const [key, kind] of Object.entries(PANE_KEYS)) {
    const id = query.get(key)
    if (id) return { kind, id }
  }
  return null
}

export function usePane() {
  const query = useSearchParams()
  return useMemo(() => parsePane(query), [query])
}

/** Opens a pane beside what is open, in place of another pane. */
export function openPane(kind: Pane['kind'], id: string) {
  const key = Object.keys(PANE_KEYS).find((name) => PANE_KEYS[name as keyof typeof PANE_KEYS] === kind)
  navigate(`${window.location.pathname}?${key}=${encodeURIComponent(id)}`)
}

export function closePane() {
  navigate(window.location.pathname)
}
