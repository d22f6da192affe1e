'use client'

import { useTranslations } from 'use-intl'
import { useChannel } from '@/features/channels/store'
import { EmptyState } from '@/ui/empty-state'
import { ConversationHeader } from '../_frame/conversation-header'

type Props = { channelId: string }

export function ConversationView({ channelId }: Props) {
  const t = useTranslations('errors')
  const channel = useChannel(channelId)
  if (!channel) return <EmptyState title={t('channel_not_found')} />
  return <ConversationHeader channel={channel} />
}
