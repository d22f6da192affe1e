import { useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { type BrowsedChannel, browseChannels } from '@/features/channels/queries'
import { useChannels } from '@/features/channels/store'
import { listMembers } from '@/features/profiles/queries'
import type { Person } from '@/features/profiles/schema'
import { applyPeople, people } from '@/features/profiles/store'
import { useCurrentWorkspace } from '@/features/workspaces/store'
import { useStore } from '@/lib/store'
import { getSupabase } from '@/lib/supabase/client'
import { useDebounced } from '@/lib/use-debounced'
import { channelPath, navigate } from '../_frame/location'
import { openDirectWith } from '../_frame/open-channel'
import { switcherTargets } from './switcher-targets'

const FOUND = 10

/** What is known at once, joined by what the server finds a moment later. */
export function useSwitcherTargets(query: string) {
  const t = useTranslations('switcher')
  const workspace = useCurrentWorkspace()
  const byId = useChannels()
  const known = useStore(people, (state) => state)
  const [foundChannels, setFoundChannels] = useState<BrowsedChannel[]>([])
  const [foundPeople, setFoundPeople] = useState<Person[]>([])
  const search = useDebounced(query.replace(/^[#@]/, '').trim(), 120)
  const workspaceId = workspace?.id
  const guest = workspace?.role === 'guest'

  useEffect(() => {
    if (!workspaceId || search.length < 2) return
    let current = true
    const ask = async () => {
      const client = await getSupabase()
      const [channels, members] = await Promise.all([
        guest ? [] : browseChannels(client, workspaceId, search, null, FOUND),
        listMembers(client, workspaceId, search),
      ])
      if (!current) return
      setFoundChannels(channels)
      setFoundPeople(members)
      applyPeople(members)
    }
    // What is known already is still offered when the server cannot be asked.
    ask().catch(() => {})
    return () => {
      current = false
    }
  }, [workspaceId, guest, search])

  return switcherTargets(
    {
      query,
      meId: known.meId,
      channels: Object.values(byId),
      people: known.byId,
      foundChannels: search ? foundChannels : [],
      foundPeople: search ? foundPeople : [],
      openChannel: (id) => workspace && navigate(channelPath(workspace.slug, id)),
      openPerson: (id) => openDirectWith([id]),
      notJoined: t('notJoined'),
    },
    Date.now(),
  )
}
