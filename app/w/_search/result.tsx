'use client'

import { useSyncExternalStore } from 'react'
import { useTranslations } from 'use-intl'
import { useChannel } from '@/features/channels/store'
import type { Term } from '@/features/search/query'
import { ResultRow } from '@/features/search/result-row'
import type { Hit, HitChannel } from '@/features/search/schema'
import { Avatar } from '@/ui/avatar'
import { PersonAvatar, useKnownPerson } from '../_conversation/people-parts'
import { useChannelLabel } from '../_frame/channel-label'
import { channelPath } from '../_frame/location'

// Where a pane stands beside the conversation instead of over it.
const ROOM = '(min-width: 1100px)'

function watchRoom(changed: () => void) {
  const room = window.matchMedia(ROOM)
  room.addEventListener('change', changed)
  return () => room.removeEventListener('change', changed)
}

type Props = {
  hit: Hit
  terms: readonly Term[]
  channel: HitChannel | undefined
  slug: string
  /** The search, which goes along where there is room for it; elsewhere one goes back to it. */
  text: string
  current: boolean
  onOpen(): void
}

/** A hit with the names of its people and its place. */
export function Result({ hit, terms, channel, slug, text, current, onOpen }: Props) {
  const t = useTranslations('messages')
  const author = useKnownPerson(hit.user_id ?? '')
  const known = useChannel(hit.channel_id)
  const hasRoom = useSyncExternalStore(
    watchRoom,
    () => window.matchMedia(ROOM).matches,
    () => false,
  )
  const named = known ?? (channel ? { ...channel, member_ids: [] } : null)
  const label = useChannelLabel(named)
  const query = new URLSearchParams({
    ...(hit.thread_id ? { t: hit.thread_id } : {}),
    m: hit.id,
    ...(hasRoom ? { q: text } : {}),
  })
  return (
    <ResultRow
      hit={hit}
      terms={terms}
      href={`${channelPath(slug, hit.channel_id)}?${query}`}
      author={hit.user_id ? (author?.display_name ?? '…') : t('formerMember')}
      avatar={
        hit.user_id ? (
          <PersonAvatar userId={hit.user_id} size={28} />
        ) : (
          <Avatar name="" colorKey="" size={28} />
        )
      }
      place={label}
      kind={named?.kind ?? 'public'}
      current={current}
      onOpen={onOpen}
    />
  )
}
