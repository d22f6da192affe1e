'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import type { Channel } from '@/features/channels/schema'
import {
  type Attention,
  isRead,
  type Marks,
  onArrival,
  onMarkUnread,
  onOpen,
  onSend,
  shouldRead,
} from '@/features/read-states/marks'
import { markRead, markUnread } from '@/features/read-states/mutations'
import { isRetryable, toAppError } from '@/lib/errors'
import type { ChatSession } from '../[slug]/_sync/session'

const TELL_MS = 250
const RETRY_MS = 5_000

/**
 * The open channel's "New" line, and what counts as read. `lastSeq` is the newest message that is loaded and could be on
 * the screen.
 */
export function useMarks(session: ChatSession, channel: Channel, lastSeq: number) {
  const [marks, setMarks] = useState<Marks>(() => onOpen(channel.read, channel.head.last_seq))
  const attention = useRef<Attention>({ focused: false, visible: false, atBottom: false })
  const now = useRef({ marks, channel, lastSeq })
  now.current = { marks, channel, lastSeq }
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)

  const tell = useCallback(
    (seq: number, wait: number) => {
      clearTimeout(timer.current)
      timer.current = setTimeout(() => {
        markRead(session.client, channel.id, seq).catch((error: unknown) => {
          if (isRetryable(toAppError(error))) tell(seq, RETRY_MS)
        })
      }, wait)
    },
    [session, channel.id],
  )

  const read = useCallback(
    (seq: number) => {
      session.applyRead(channel.id, { last_read_seq: seq, unread_from_seq: null }, 0)
      tell(seq, TELL_MS)
    },
    [session, channel.id, tell],
  )

  const look = useCallback(() => {
    const { marks, channel, lastSeq } = now.current
    attention.current.focused = document.hasFocus()
    attention.current.visible = document.visibilityState === 'visible'
    if (channel.is_member && lastSeq > 0 && shouldRead(marks, channel.read, lastSeq, attention.current)) {
      read(lastSeq)
    }
  }, [read])

  const onAtBottom = useCallback(
    (atBottom: boolean) => {
      attention.current.atBottom = atBottom
      look()
    },
    [look],
  )

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is new may now be read
  useEffect(look, [look, lastSeq, marks])

  useEffect(() => {
    window.addEventListener('focus', look)
    document.addEventListener('visibilitychange', look)
    return () => {
      window.removeEventListener('focus', look)
      document.removeEventListener('visibilitychange', look)
    }
  }, [look])

  useEffect(
    () =>
      session.onMessages((rows) => {
        const fresh = rows.find(
          (row) =>
            row.channel_id === channel.id &&
            row.seq !== null &&
            row.user_id !== session.me &&
            row.seq > now.current.channel.head.last_seq,
        )
        if (!fresh?.seq) return
        const { seq } = fresh
        const focused = document.hasFocus()
        const visible = document.visibilityState === 'visible'
        const seen = { ...attention.current, focused, visible }
        setMarks((current) => onArrival(current, now.current.channel.read, seq, seen))
      }),
    [session, channel.id],
  )

  return {
    marks,
    onAtBottom,
    /** Something was sent: everything before it was read. */
    sent: useCallback(() => setMarks(onSend()), []),
    markAllRead: useCallback(() => {
      const { channel } = now.current
      setMarks(onSend())
      if (channel.is_member && !isRead(channel.read, channel.head.last_seq)) read(channel.head.last_seq)
    }, [read]),
    markUnreadFrom: useCallback(
      async (seq: number) => {
        setMarks(onMarkUnread(seq))
        clearTimeout(timer.current)
        const { read } = now.current.channel
        session.applyRead(channel.id, { ...read, unread_from_seq: seq })
        session.applyRead(channel.id, await markUnread(session.client, channel.id, seq))
      },
      [session, channel.id],
    ),
  }
}
