'use client'

import { Hash, Info, Lock, Users } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { IconButton } from '@/ui/icon-button'
import { Name } from '@/ui/name'
import { tooltip } from '@/ui/tooltip'
import type { Channel } from './schema'

const INFO = <Info size={18} />
const USERS = <Users size={16} aria-hidden />

type Props = {
  channel: Channel
  /** What the channel is called on this screen: a direct one is called after its people. */
  label: string
  /** Before the name: the way back on a phone. */
  leading?: ReactNode
  /** In place of # for direct conversations: a face. */
  mark?: ReactNode
  /** In place of the topic for direct conversations: a status. */
  note?: ReactNode
  /** Before the details button: search and so on. */
  actions?: ReactNode
  detailsOpen: boolean
  onDetails(): void
}

/** 52 px: what this is, what it is about, who is in it. */
export function ChannelHeader({
  channel,
  label,
  leading,
  mark,
  note,
  actions,
  detailsOpen,
  onDetails,
}: Props) {
  const t = useTranslations('channels')
  const Icon = channel.kind === 'private' ? Lock : Hash
  return (
    <header className="flex h-13 shrink-0 items-center gap-2 border-b ps-4 pe-2.5 md:ps-5">
      {leading}
      <button
        type="button"
        aria-expanded={detailsOpen}
        onClick={onDetails}
        className="-ms-1.5 flex h-8 min-w-0 shrink items-center gap-1.5 rounded-control px-1.5 hover:bg-hover"
      >
        {mark ?? <Icon size={17} aria-hidden className="shrink-0 text-quiet" />}
        <h1 className="min-w-0 font-semibold text-base">
          <Name>{label}</Name>
        </h1>
      </button>
      <div className="min-w-0 flex-1 text-quiet text-sm max-md:invisible">
        {note ?? (channel.topic && <Name>{channel.topic}</Name>)}
      </div>
      {actions}
      {channel.kind !== 'direct' && (
        <button
          type="button"
          aria-label={t('memberCount', { count: channel.member_count })}
          onClick={onDetails}
          {...tooltip(t('memberCount', { count: channel.member_count }))}
          className="flex h-8 items-center gap-1.5 rounded-control px-2 text-quiet text-sm hover:bg-hover hover:text-ink max-md:hidden"
        >
          {USERS}
          <span data-figures>{channel.member_count}</span>
        </button>
      )}
      <IconButton label={t('details')} icon={INFO} pressed={detailsOpen} onClick={onDetails} />
    </header>
  )
}
