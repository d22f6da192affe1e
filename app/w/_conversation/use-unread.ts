'use client'

import { useMemo, useState } from 'react'
import type { Channel } from '@/features/channels/schema'
import type { Item } from '@/features/messages/items'
import { isRead } from '@/features/read-states/marks'
import type { ChatSession } from '../[slug]/_sync/session'

type Options = {
  session: ChatSession
  channel: Channel
  items: readonly Item[]
  divider: number | null
  markAllRead(): void
}

/** What the pill above the timeline says: unread messages out of sight, loaded or further back than that. */
export function useUnread({ session, channel, items, divider, markAllRead }: Options) {
  const [dismissed, setDismissed] = useState(false)
  const { read, head, id } = channel
  return useMemo(() => {
    if (divider === null || dismissed) return null
    const firstLoaded = items.find((item) => item.message.seq !== null)?.message.seq ?? divider
    const count = head.last_seq - divider + 1
    const markRead = () => {
      setDismissed(true)
      markAllRead()
    }
    if (firstLoaded > divider) {
      const openFar = () => {
        setDismissed(true)
        void session.timelines.openAround(id, divider)
      }
      return { count, since: null, markRead, openFar }
    }
    const first = items.find((item) => item.message.seq === divider)
    return first && !isRead(read, head.last_seq) ? { count, since: first.message.created_at, markRead } : null
  }, [session, id, items, divider, dismissed, read, head.last_seq, markAllRead])
}
