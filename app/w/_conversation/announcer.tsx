'use client'

import { useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { summaryOf } from '@/features/messages/summary'
import { people } from '@/features/profiles/store'
import type { ChatSession } from '../[slug]/_sync/session'

type Props = { session: ChatSession; channelId: string }

/** Reads new messages of the open channel out to those who listen; one polite voice for the whole screen. */
export function Announcer({ session, channelId }: Props) {
  const t = useTranslations('messages')
  const [text, setText] = useState('')
  useEffect(() => {
    const seen = new Set<string>()
    return session.onMessages((rows) => {
      const fresh = rows.filter(
        (row) =>
          row.channel_id === channelId &&
          row.seq !== null &&
          row.user_id !== session.me &&
          !row.edited_at &&
          !row.deleted_at &&
          !row.reply_count &&
          !Object.keys(row.reactions).length &&
          !seen.has(row.id),
      )
      if (!fresh.length || !document.hasFocus()) return
      for (const row of fresh) seen.add(row.id)
      setText(
        fresh
          .map((row) =>
            t('announce', {
              name: people.get().byId[row.user_id ?? '']?.display_name ?? '',
              body: summaryOf(row, 200),
            }),
          )
          .join('\n'),
      )
    })
  }, [session, channelId, t])
  return (
    <div aria-live="polite" className="sr-only">
      {text}
    </div>
  )
}
