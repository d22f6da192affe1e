'use client'

import { ArrowUp, X } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { IconButton } from '@/ui/icon-button'
import { clockTime } from './times'

type Props = { count: number; since: string | null; markRead(): void; onJump(): void }

/** The "New" line is above what is on screen: how many, since when, and the way there. */
export function UnreadPill({ count, since, markRead, onJump }: Props) {
  const t = useTranslations('messages')
  const text = since ? t('unreadAbove', { count, time: clockTime(new Date(since)) }) : t('jumpNew', { count })
  return (
    <div className="absolute top-2 left-1/2 z-10 flex h-8 -translate-x-1/2 animate-appear items-center rounded-full bg-accent pe-1 text-on-accent text-sm shadow-float">
      <button
        type="button"
        onClick={onJump}
        className="touch-target flex items-center gap-1.5 whitespace-nowrap ps-3.5 pe-2 font-medium"
      >
        <ArrowUp size={15} aria-hidden />
        {text}
      </button>
      <IconButton
        size="xs"
        label={t('markRead')}
        shortcut="Esc"
        icon={<X size={14} />}
        onClick={markRead}
        className="rounded-full! text-on-accent! hover:bg-accent-hover!"
      />
    </div>
  )
}
