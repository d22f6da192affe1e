'use client'

import { useFormatter, useNow, useTranslations } from 'use-intl'
import { useHost } from './host'
import type { Message } from './schema'

/** Faces, how many replies, and when the last one came. */
export function ThreadFooter({ message }: { message: Message }) {
  const t = useTranslations('messages')
  const host = useHost()
  if (!message.reply_count || !host.openThread) return null
  return (
    <button
      type="button"
      onClick={() => host.openThread?.(message)}
      className="-ms-1.5 mt-1 flex w-fit max-w-full items-center gap-2 rounded-control border border-transparent py-1 ps-1.5 pe-3 text-sm hover:border-line hover:bg-ground pointer-coarse:min-h-11"
    >
      <span className="flex gap-1">
        {message.last_replier_ids.map((id) => (
          <host.Avatar key={id} userId={id} size={20} />
        ))}
      </span>
      <span className="whitespace-nowrap font-medium text-accent-ink">
        {t('replies', { count: message.reply_count })}
      </span>
      {message.last_reply_at && <LastReply time={message.last_reply_at} />}
    </button>
  )
}

function LastReply({ time }: { time: string }) {
  const t = useTranslations('messages')
  const format = useFormatter()
  const now = useNow({ updateInterval: 60_000 })
  const date = new Date(time)
  const ago = format.relativeTime(date > now ? now : date, now)
  return <span className="truncate text-quiet text-xs">{t('lastReply', { ago })}</span>
}
