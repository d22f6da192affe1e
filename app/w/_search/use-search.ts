'use client'

import { useEffect, useMemo } from 'react'
import { useChannels } from '@/features/channels/store'
import type { Person } from '@/features/profiles/schema'
import { applyPeople, useMe } from '@/features/profiles/store'
import { isEmptyQuery, parseQuery } from '@/features/search/query'
import { type Asked, heardOf, isFresh, results, search, searchOn } from '@/features/search/results'
import type { Workspace } from '@/features/workspaces/schema'
import { useStore } from '@/lib/store'
import type { ChatSession } from '../[slug]/_sync/session'

/** What a text finds in the open workspace, kept in step while it is shown. */
export function useSearch(session: ChatSession, workspace: Workspace, text: string) {
  const { client, me } = session
  const handle = useMe()?.handle ?? ''
  const mine = useChannels()
  const found = useStore(results, (current) => current)
  const asked = useMemo<Asked>(
    () => ({
      scope: `${me} ${workspace.id}`,
      text,
      query: parseQuery(text, { handle, now: new Date() }),
      client,
      workspaceId: workspace.id,
      people: (rows) => applyPeople(rows as Person[]),
    }),
    [client, me, workspace.id, text, handle],
  )

  useEffect(() => {
    if (!isFresh(asked)) void search(asked)
    // A hit that was edited may be none now.
    const stopHearing = session.onMessages((rows) => {
      if (heardOf(rows)) void search(asked)
    })
    const again = () => {
      if (results.get().phase === 'failed') void search(asked)
    }
    window.addEventListener('online', again)
    return () => {
      stopHearing()
      window.removeEventListener('online', again)
    }
  }, [asked, session])

  const hits = useMemo(
    () =>
      found.hits.filter((hit) => {
        // Whoever is taken out of a channel sees nothing more of it, here either.
        return found.channels[hit.channel_id]?.kind === 'public' || mine[hit.channel_id]?.is_member
      }),
    [found.hits, found.channels, mine],
  )
  return {
    ...found,
    hits,
    query: asked.query,
    isEmpty: isEmptyQuery(asked.query),
    more: () => void searchOn(asked),
    retry: () => void search(asked),
  }
}
