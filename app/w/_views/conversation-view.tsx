'use client'

import { useEffect } from 'react'
import { useTranslations } from 'use-intl'
import { useChannel } from '@/features/channels/store'
import { TimelineSkeleton } from '@/features/messages/timeline-skeleton'
import { useStore } from '@/lib/store'
import { EmptyState } from '@/ui/empty-state'
import { Conversation } from '../_conversation/conversation'
import { LoadFailed } from '../_conversation/load-failed'
import { ConversationHeader } from '../_frame/conversation-header'
import type { ChatSession } from '../[slug]/_sync/session'
import { useChat } from '../[slug]/_sync/sync-provider'

type Props = { channelId: string }

export function ConversationView({ channelId }: Props) {
  const session = useChat()
  const channel = useChannel(channelId)
  if (!session) return null
  if (!channel) return <Visit key={channelId} session={session} channelId={channelId} />
  return (
    <>
      <ConversationHeader channel={channel} />
      <Conversation session={session} channel={channel} />
    </>
  )
}

/** A channel that is not among mine: a public one shows itself, anything else does not exist. */
function Visit({ session, channelId }: { session: ChatSession; channelId: string }) {
  const t = useTranslations('errors')
  const { timelines } = session
  const window = useStore(timelines.store, (all) => all[channelId])
  const error = window?.error ?? null
  const missing = window === undefined
  useEffect(() => {
    if (missing) void timelines.open(channelId)
  }, [timelines, channelId, missing])
  if (!error) return <TimelineSkeleton />
  if (error.status === 404 || error.status === 403 || error.status === 400) {
    return <EmptyState title={t('channel_not_found')} />
  }
  return <LoadFailed error={error} onRetry={() => void timelines.load(channelId)} />
}
