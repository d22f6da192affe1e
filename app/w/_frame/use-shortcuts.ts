import { useEffect } from 'react'
import { closePane } from './location'
import { openDialog } from './open-dialog'
import { openSearch } from './open-search'

/** Rows as they stand in the sidebar: what is collapsed or filtered away is not stepped through. */
function stepChannel(direction: 1 | -1, unreadOnly: boolean) {
  const rows = [...document.querySelectorAll<HTMLAnchorElement>('a[data-channel-row]')]
  // The address is ahead of what is drawn when keys come fast.
  const current = rows.findIndex((row) => row.pathname === window.location.pathname)
  for (let distance = 1; distance <= rows.length; distance++) {
    const start = current === -1 && direction === -1 ? 0 : current
    const row = rows[(start + direction * distance + rows.length * 2) % rows.length]
    if (!row || row === rows[current]) continue
    if (unreadOnly && row.dataset.unread === undefined) continue
    row.scrollIntoView({ block: 'nearest' })
    return row.click()
  }
}

const isShown = (element: HTMLElement) => element.offsetParent !== null || element.getClientRects().length > 0

const STARTS = [
  '[data-region-start]',
  '[aria-current="page"]',
  'textarea',
  '[tabindex="0"]',
  'a[href], button, input',
]

/** The best place to begin in a region; what belongs to a region inside it is not its own. */
function focusInside(region: HTMLElement) {
  for (const start of STARTS) {
    const own = [...region.querySelectorAll<HTMLElement>(start)].find(
      (element) => element.closest('[data-region]') === region && isShown(element),
    )
    if (own) return own.focus()
  }
  region.focus()
}

/** Moves the focus to the next part of the screen: sidebar, conversation, composer, right pane. */
function cycleRegions(direction: 1 | -1) {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter(isShown)
  if (regions.length === 0) return
  const inside = regions.filter((region) => region.contains(document.activeElement))
  const current = inside.length ? regions.indexOf(inside[inside.length - 1] as HTMLElement) : -1
  const next = regions[(current + direction + regions.length) % regions.length]
  if (next) focusInside(next)
}

/** What works everywhere in the workspace. Keys pressed while an input method composes are its own. */
export function useShortcuts(slug: string) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another workspace has other rows, read from the page
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.isComposing || event.defaultPrevented) return
      const mod = event.metaKey || event.ctrlKey
      const take = () => event.preventDefault()
      if (event.key === 'F6') {
        take()
        cycleRegions(event.shiftKey ? -1 : 1)
      } else if (mod && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'k') {
        take()
        openDialog({ name: 'switcher' })
      } else if (mod && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'g') {
        take()
        openSearch()
      } else if (mod && event.key === '/') {
        take()
        openDialog({ name: 'shortcuts' })
      } else if (mod && event.key === '.') {
        take()
        closePane()
      } else if (event.altKey && !mod && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
        take()
        stepChannel(event.key === 'ArrowDown' ? 1 : -1, event.shiftKey)
      }
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [slug])
}
