'use client'

import { Suspense } from 'react'
import { lazyPart } from '@/lib/lazy-part'
import { useLocation, usePane } from './location'

const DetailsPane = lazyPart(() => import('../_panes/details-pane'))
const FilesPane = lazyPart(() => import('../_panes/files-pane'))
const ThreadPane = lazyPart(() => import('../_conversation/thread-pane'))
const SearchPane = lazyPart(() => import('../_panes/search-pane'))
const PersonPane = lazyPart(() => import('../_panes/person-pane'))

/** What the address asks for at the right of the screen. */
export function Panes() {
  const pane = usePane()
  const { view } = useLocation()
  if (pane?.kind === 'thread' && view.name === 'conversation') {
    return (
      <Suspense fallback={null}>
        <ThreadPane key={pane.id} channelId={view.channelId} rootId={pane.id} />
      </Suspense>
    )
  }
  if (pane?.kind === 'person') {
    return (
      <Suspense fallback={null}>
        <PersonPane key={pane.id} userId={pane.id} />
      </Suspense>
    )
  }
  if (pane?.kind === 'details' && view.name === 'conversation') {
    return (
      <Suspense fallback={null}>
        <DetailsPane key={view.channelId} channelId={view.channelId} />
      </Suspense>
    )
  }
  if (pane?.kind === 'files' && view.name === 'conversation') {
    return (
      <Suspense fallback={null}>
        <FilesPane key={view.channelId} channelId={view.channelId} />
      </Suspense>
    )
  }
  if (pane?.kind === 'search' && view.name === 'conversation') {
    return (
      <Suspense fallback={null}>
        <SearchPane />
      </Suspense>
    )
  }
  return null
}
