'use client'

import { useEffect, useState } from 'react'
import { timelineReads } from '@/features/messages/queries'
import { useErrorText } from '@/lib/error-text'
import { showToast } from '@/ui/toast'
import { channelPath, navigate, useQuery } from '../_frame/location'
import type { ChatSession } from '../[slug]/_sync/session'

const HIGHLIGHT_MS = 2_000

type Target = { key: string }

/** `?m=<id>`: loads what is around the message, goes there, and lights it up for a moment. */
export function usePermalink(session: ChatSession, channelId: string) {
  const query = useQuery()
  const id = query.get('m')
  const thread = query.get('t')
  const errorText = useErrorText()
  const [target, setTarget] = useState<Target | null>(null)
  const [pending, setPending] = useState(id !== null)
  const [highlighted, setHighlighted] = useState<string | null>(null)

  // biome-ignore lint/correctness/useExhaustiveDependencies: the words for an error are no reason to go there again
  useEffect(() => {
    if (!id) {
      setTarget(null)
      setPending(false)
      return
    }
    let current = true
    let timer: ReturnType<typeof setTimeout> | undefined
    const go = async () => {
      const place = await timelineReads(session.client).messageContext(id)
      if (!current) return
      if (place.channel_id !== channelId) {
        return navigate(`${channelPath(session.slug, place.channel_id)}?m=${id}`, { replace: true })
      }
      if (place.thread_id && thread !== place.thread_id) {
        return navigate(`${channelPath(session.slug, channelId)}?t=${place.thread_id}&m=${id}`, {
          replace: true,
        })
      }
      if (place.seq) await session.timelines.openAround(channelId, place.seq)
      if (!current) return
      const key = place.thread_id ?? id
      setTarget({ key })
      setHighlighted(id)
      timer = setTimeout(setHighlighted, HIGHLIGHT_MS, null)
    }
    go()
      .catch((error: unknown) => current && showToast(errorText(error)))
      .finally(() => current && setPending(false))
    return () => {
      current = false
      clearTimeout(timer)
      setHighlighted(null)
    }
  }, [id, thread, session, channelId])

  return { target, highlighted, pending }
}
