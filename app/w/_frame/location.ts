import { useMemo, useSyncExternalStore } from 'react'
import { onArrival } from '@/lib/arrivals'

const SCREENS = [
  'channels',
  'search',
  'browse',
  'people',
  'invitations',
  'preferences',
  'account',
  'settings',
] as const

export type Screen = (typeof SCREENS)[number]
export type View =
  | { name: Screen }
  | { name: 'start' }
  | { name: 'conversation'; channelId: string }
  | { name: 'unknown' }

/**
 * What stands in the right pane, from the query: a thread, a person, the details or files of the open channel, or a search,
 * whose id is its text.
 */
export type Pane = { kind: 'thread' | 'person' | 'details' | 'files' | 'search'; id: string }

const PANE_KEYS = { t: 'thread', p: 'person', d: 'details', f: 'files', q: 'search' } as const

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

const watchers = new Set<() => void>()

function watchAddress(changed: () => void) {
  watchers.add(changed)
  return () => void watchers.delete(changed)
}

onArrival(arrive)

/** Back and forward. Between two addresses of a workspace nothing changes for Next.js, which would draw itself again. */
function arrive(event: PopStateEvent) {
  if (watchers.size > 0 && isInside()) event.stopImmediatePropagation()
  tellWatchers()
}

function tellWatchers() {
  for (const changed of [...watchers]) changed()
}

const isInside = () => window.location.pathname.startsWith('/w/')

/**
 * Goes to an address of the workspace without a round trip: every screen under /w is already in the browser, so only
 * the address changes. Drawn at once, and past Next.js: what it would draw for a new address is what is there, yet it would
 * draw it, and write the history a second time, before the browser comes to the frame that shows the screen. An entry with
 * the state of the one before is one of its own, which it lets pass, and from which it finds back when it has to.
 */
export function navigate(href: string, { replace = false } = {}) {
  if (href === window.location.pathname + window.location.search) return
  window.history[replace ? 'replaceState' : 'pushState'](window.history.state, '', href)
  tellWatchers()
}

const nowhere = () => ''
// While Next.js leads here from elsewhere, the first drawing still sees the address before.
const insidePath = () => (isInside() ? window.location.pathname : '')
const insideSlug = () => insidePlace().slug

let parsed = { path: '', place: parsePath('') }
function insidePlace() {
  const path = insidePath()
  if (path !== parsed.path) parsed = { path, place: parsePath(path) }
  return parsed.place
}

/** Where the browser is; the slug is empty until that is known. The server draws nothing that depends on it. */
export function useLocation() {
  const path = useSyncExternalStore(watchAddress, insidePath, nowhere)
  return useMemo(() => parsePath(path), [path])
}

/** The workspace alone: not drawn again for another screen of it. */
export const useSlug = () => useSyncExternalStore(watchAddress, insideSlug, nowhere)

/**
 * What the channel that the address names means to somebody: of a list of all channels only two rows are drawn again when
 * another one is opened.
 */
export function useOpenChannel<T extends boolean>(choose: (channelId: string | null) => T): T {
  const choice = () => {
    const { view } = insidePlace()
    return choose(view.name === 'conversation' ? view.channelId : null)
  }
  return useSyncExternalStore(watchAddress, choice, () => choose(null))
}

/** What the address asks for after "?". */
export function useQuery(): URLSearchParams {
  const search = useSyncExternalStore(watchAddress, () => window.location.search, nowhere)
  return useMemo(() => new URLSearchParams(search), [search])
}

export function parsePane(query: Pick<URLSearchParams, 'get'>): Pane | null {
  for (const [key, kind] of Object.entries(PANE_KEYS)) {
    const id = query.get(key)
    // A search may begin with nothing.
    if (id || (id !== null && kind === 'search')) return { kind, id }
  }
  return null
}

export function usePane() {
  const query = useQuery()
  return useMemo(() => parsePane(query), [query])
}

/** Opens a pane beside what is open, in place of another pane; a search waits behind it. */
export function openPane(kind: Pane['kind'], id: string, options?: { replace?: boolean }) {
  const key = Object.keys(PANE_KEYS).find((name) => PANE_KEYS[name as keyof typeof PANE_KEYS] === kind)
  const search = kind === 'search' ? null : searchBehind()
  navigate(
    `${window.location.pathname}?${key}=${encodeURIComponent(id)}${search ? `&${search}` : ''}`,
    options,
  )
}

/** Closes the pane that is open; what it was opened from by a search is the search again. */
export function closePane() {
  const pane = parsePane(new URLSearchParams(window.location.search))
  const search = pane?.kind === 'search' ? null : searchBehind()
  navigate(`${window.location.pathname}${search ? `?${search}` : ''}`)
}

function searchBehind(): string | null {
  const text = new URLSearchParams(window.location.search).get('q')
  return text === null ? null : `q=${encodeURIComponent(text)}`
}
