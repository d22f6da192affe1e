'use client'

import { useTranslations } from 'use-intl'
import type { Channel } from '@/features/channels/schema'
import { useChannelLabel } from '../_frame/channel-label'
import { useMeId } from '../_frame/use-me-id'

/** "Message #general", "Message Ada". */
export function usePlaceholder(channel: Channel): string {
  const t = useTranslations('composer')
  const me = useMeId()
  const name = useChannelLabel(channel)
  if (channel.kind !== 'direct') return t('placeholderChannel', { name })
  const self = channel.member_ids.every((id) => id === me)
  return self ? t('placeholderSelf') : t('placeholderDirect', { name })
}
