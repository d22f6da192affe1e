'use client'

import { useMemo, useState } from 'react'
import type { Item } from '@/features/messages/items'
import { MessageRow } from '@/features/messages/message-row'
import type { Message } from '@/features/messages/schema'
import { SkeletonRows } from '@/features/messages/timeline-skeleton'
import { ReplyCount } from '@/features/threads/reply-count'

type Props = { root: Message; hasBefore: boolean }

/** The message a thread hangs on, above its replies. */
export function ThreadHead({ root, hasBefore }: Props) {
  const [editing, setEditing] = useState(false)
  const item = useMemo<Item>(
    () => ({
      key: root.id,
      message: root,
      state: 'sent',
      entry: null,
      day: null,
      isNew: false,
      grouped: false,
    }),
    [root],
  )
  return (
    <div className="pt-2">
      <MessageRow
        item={item}
        tabbable
        highlighted={false}
        editing={editing}
        setEditing={(key) => setEditing(key !== null)}
      />
      <ReplyCount count={root.reply_count} />
      {hasBefore && <SkeletonRows count={2} />}
    </div>
  )
}
