'use client'

import { useMemo, useRef } from 'react'
import { type Built, buildItems, type Item } from '@/features/messages/items'
import type { OutboxEntry } from '@/features/messages/outbox-db'
import type { Message } from '@/features/messages/schema'
import { useStore } from '@/lib/store'
import type { ChatSession } from '../[slug]/_sync/session'

type Options = {
  session: ChatSession
  channelId: string
  threadId: string | null
  rows: readonly Message[]
  /** False while newer messages are not loaded: what is being sent belongs after those. */
  atPresent: boolean
  hasBefore: boolean
  divider?: number | null
  placeOf?(message: Message): number | null
  above?: Message
}

const NONE: readonly OutboxEntry[] = []

/** Rows and the outbox's entries of one conversation as items; unchanged ones stay the same objects. */
export function useItems(options: Options): Item[] {
  const { session, channelId, threadId, rows, atPresent, hasBefore, divider, placeOf, above } = options
  const outbox = useStore(session.outbox.store, (all) =>
    all.filter((entry) => entry.channel_id === channelId && entry.thread_id === threadId),
  )
  const previous = useRef<Built | undefined>(undefined)
  return useMemo(() => {
    const input = {
      rows,
      outbox: atPresent ? outbox : NONE,
      me: session.me,
      hasBefore,
      divider,
      placeOf,
      above,
    }
    const items = buildItems(input, previous.current)
    previous.current = { input, items }
    return items
  }, [rows, outbox, atPresent, session, hasBefore, divider, placeOf, above])
}
