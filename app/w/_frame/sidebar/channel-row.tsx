'use client'

import { clsx } from 'clsx'
import { BellOff, Hash, Lock } from 'lucide-react'
import { memo, type PointerEvent, useEffect } from 'react'
import { useTranslations } from 'use-intl'
import type { Channel } from '@/features/channels/schema'
import { signalOf } from '@/features/channels/sections'
import { useChannel } from '@/features/channels/store'
import { Badge } from '@/ui/badge'
import { Name } from '@/ui/name'
import { useChat } from '../../[slug]/_sync/sync-provider'
import { useChannelLabel } from '../channel-label'
import { channelPath, useOpenChannel } from '../location'
import { DirectAvatar } from './direct-avatar'
import { DraftMark } from './draft-mark'

type Props = {
  id: string
  slug: string
  /** Tab enters the list here, also where another conversation is open. */
  entry: boolean
  onlyIfUnread: boolean
}

function Mark({ channel }: { channel: Channel }) {
  if (channel.kind === 'direct') return <DirectAvatar channel={channel} size={18} />
  const Icon = channel.kind === 'private' ? Lock : Hash
  return <Icon size={15} aria-hidden className="mx-px shrink-0" />
}

export const ChannelRow = memo(function ChannelRow({ id, slug, entry, onlyIfUnread }: Props) {
  const t = useTranslations('app')
  const current = useOpenChannel((open) => open === id)
  const channel = useChannel(id)
  const label = useChannelLabel(channel)
  const session = useChat()
  // A button of a mouse stays down for as long as a page takes to come. A finger may be about to scroll.
  const prepare = ({ pointerType, button }: PointerEvent) => {
    if (pointerType === 'mouse' && button === 0) session?.timelines.prepare(id)
  }
  useEffect(() => {
    if (current) document.querySelector('[aria-current="page"]')?.scrollIntoView({ block: 'nearest' })
  }, [current])
  if (!channel) return null
  const { unread, count, muted } = signalOf(channel)
  if (onlyIfUnread && !current && !unread && count === 0) return null
  const bold = unread && !current
  return (
    <li className="[contain-intrinsic-height:30px] [content-visibility:auto]">
      <a
        href={channelPath(slug, id)}
        data-row
        data-channel-row
        data-unread={unread || count > 0 ? '' : undefined}
        aria-current={current ? 'page' : undefined}
        tabIndex={current || entry ? 0 : -1}
        onPointerDown={prepare}
        className={clsx(
          'flex h-7.5 items-center gap-2 rounded-control px-2 text-nav -outline-offset-2 pointer-coarse:h-11',
          current ? 'bg-selected text-ink' : 'hover:bg-hover',
          !current && (bold ? 'text-ink' : muted ? 'text-quiet' : 'text-soft'),
          bold && 'font-semibold',
        )}
      >
        <span className={clsx('flex', muted && !current && 'opacity-50')}>
          <Mark channel={channel} />
        </span>
        <Name className="flex-1">{label}</Name>
        {channel.kind === 'private' && <span className="sr-only">{t('private')}</span>}
        {unread && <span className="sr-only">{t('hasUnread')}</span>}
        {muted && (
          <>
            <BellOff size={13} aria-hidden className="shrink-0 opacity-50" />
            <span className="sr-only">{t('muted')}</span>
          </>
        )}
        {!current && <DraftMark channelId={id} />}
        {count > 0 && (
          <Badge
            tone="mention"
            label={channel.kind === 'direct' ? t('waiting', { count }) : t('mentions', { count })}
          >
            {count > 99 ? '99+' : count}
          </Badge>
        )}
      </a>
    </li>
  )
})
