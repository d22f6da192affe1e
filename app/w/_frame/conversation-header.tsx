'use client'

import { Files, Search } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { ChannelHeader } from '@/features/channels/channel-header'
import type { Channel } from '@/features/channels/schema'
import { currentStatus } from '@/features/profiles/schema'
import { usePerson } from '@/features/profiles/store'
import { IconButton } from '@/ui/icon-button'
import { counterparts, useChannelLabel } from './channel-label'
import { closePane, openPane, usePane } from './location'
import { BackToList } from './screen-header'
import { DirectAvatar } from './sidebar/direct-avatar'
import { useMeId } from './use-me-id'
import { useTitle } from './use-title'

// Elements for good: for another channel they are not drawn again.
const BACK = <BackToList />
const SEARCH = <Search size={17} />
const FILES = <Files size={17} />

type Props = { channel: Channel; actions?: ReactNode }

/** The header of a conversation with everything the frame knows: people, way back, details pane. */
export function ConversationHeader({ channel, actions }: Props) {
  const label = useChannelLabel(channel)
  const pane = usePane()
  const meId = useMeId()
  const direct = channel.kind === 'direct'
  const others = direct ? counterparts(channel, meId) : []
  const person = usePerson(others.length === 1 ? others[0] : null)
  const status = person && currentStatus(person, Date.now())
  const title = useTitle(direct ? label : `#${label}`)
  const detailsOpen = pane?.kind === 'details'
  const filesOpen = pane?.kind === 'files'
  const searchOpen = pane?.kind === 'search'
  const place = direct ? (person ? `in:@${person.handle} ` : '') : `in:#${label} `
  const t = useTranslations('attachments')
  const s = useTranslations('search')
  return (
    <>
      <title>{title}</title>
      <ChannelHeader
        channel={channel}
        label={label}
        leading={BACK}
        mark={direct ? <DirectAvatar channel={channel} size={22} /> : undefined}
        note={
          direct ? (
            <span className="block truncate">
              {status && (
                <>
                  {status.emoji} <bdi>{status.text}</bdi>
                </>
              )}
            </span>
          ) : undefined
        }
        actions={
          <>
            {actions}
            <IconButton
              label={s('here')}
              icon={SEARCH}
              pressed={searchOpen}
              onClick={() => (searchOpen ? closePane() : openPane('search', place))}
            />
            <IconButton
              label={t('files')}
              icon={FILES}
              pressed={filesOpen}
              onClick={() => (filesOpen ? closePane() : openPane('files', channel.id))}
            />
          </>
        }
        detailsOpen={detailsOpen}
        onDetails={() => (detailsOpen ? closePane() : openPane('details', channel.id))}
      />
    </>
  )
}
