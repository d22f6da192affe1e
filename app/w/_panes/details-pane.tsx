'use client'

import { useTranslations } from 'use-intl'
import { useChannel } from '@/features/channels/store'
import { Name } from '@/ui/name'
import { SidePane } from '@/ui/side-pane'
import { useChannelLabel } from '../_frame/channel-label'
import { closePane } from '../_frame/location'
import { ChannelFacts } from './channel-facts'
import { ChannelMembers } from './channel-members'

/** What the channel is for, who is in it, and what can be done with it. */
export default function DetailsPane({ channelId }: { channelId: string }) {
  const t = useTranslations('channels')
  const channel = useChannel(channelId)
  const label = useChannelLabel(channel)
  if (!channel) return null
  return (
    <SidePane title={t('details')} note={<Name>{label}</Name>} onClose={closePane}>
      <ChannelFacts channel={channel} />
      <ChannelMembers channel={channel} />
    </SidePane>
  )
}
