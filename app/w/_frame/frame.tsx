'use client'

import { clsx } from 'clsx'
import { type CSSProperties, type MouseEvent, useDeferredValue, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useWorkspaces } from '@/features/workspaces/store'
import { ConnectionBanner } from './connection-banner'
import { Dialogs } from './dialogs'
import { navigate, useLocation } from './location'
import { Panes } from './panes'
import { Rail } from './rail'
import { Sidebar } from './sidebar/sidebar'
import { useSidebarWidth } from './sidebar/use-sidebar-width'
import { useShortcuts } from './use-shortcuts'
import { useTimeZone } from './use-time-zone'
import { Views } from './views'
import { wide } from './wide'

/**
 * A plain click on a link to somewhere under /w changes the address only; every other click is the browser's. It comes
 * last, on the way up: a menu closes only on clicks that nobody has prevented.
 */
function followInside(event: MouseEvent) {
  if (
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey
  )
    return
  const link = (event.target as Element).closest('a')
  if (!link || link.target === '_blank' || link.hasAttribute('download')) return
  const url = new URL(link.href, window.location.href)
  if (url.origin !== window.location.origin || !url.pathname.startsWith('/w/')) return
  event.preventDefault()
  // Past the sidebar: the browser would lead there, had it not been kept from following the link.
  if (url.hash) document.getElementById(url.hash.slice(1))?.focus()
  navigate(url.pathname + url.search)
}

/** Rail, sidebar, screen, right pane. Below 700 px one of them at a time. */
export function Frame() {
  const t = useTranslations('app')
  const { slug, view } = useLocation()
  const hasRail = useWorkspaces().length > 1
  const [width, setWidth] = useSidebarWidth()
  const listOnly = view.name === 'channels'
  // Where something else is to be seen, the list of channels is drawn after it; whoever goes to it by then does not wait.
  const [atOnce] = useState(() => listOnly || wide().matches)
  const hasSidebar = useDeferredValue(true, atOnce) || listOnly
  useShortcuts(slug)
  useTimeZone()
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it listens to the links inside it, which are the controls
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard clicks links too
    <div
      className="flex h-dvh overflow-hidden bg-ground"
      style={{ '--sidebar-width': `${width}px` } as CSSProperties}
      onClick={followInside}
    >
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:start-2 focus:top-2 focus:z-60 focus:rounded-control focus:bg-accent focus:px-3 focus:py-2 focus:text-on-accent"
      >
        {t('skip')}
      </a>
      {hasRail && <Rail className={listOnly ? 'flex' : 'hidden md:flex'} />}
      {hasSidebar && (
        <Sidebar
          width={width}
          onResize={setWidth}
          className={clsx('md:flex md:w-(--sidebar-width)', listOnly ? 'flex flex-1 md:flex-none' : 'hidden')}
        />
      )}
      <div className={clsx('relative min-w-0 flex-1 md:flex', listOnly ? 'hidden' : 'flex')}>
        <main
          id="main"
          tabIndex={-1}
          data-region
          className="relative flex min-w-0 flex-1 flex-col outline-none"
        >
          <Views slug={slug} view={view} />
        </main>
        <Panes />
      </div>
      <ConnectionBanner />
      <Dialogs />
    </div>
  )
}
