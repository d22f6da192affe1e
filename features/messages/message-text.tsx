'use client'

import { clsx } from 'clsx'
import { memo, useMemo } from 'react'
import { isOnlyEmoji } from '@/lib/emoji/emoji'
import { parseMarkdown } from '@/lib/markdown/parse'
import { Edited } from './edited'
import { renderTokens } from './render-tokens'

type Props = {
  body: string
  mentions: readonly string[]
  mentionsAll: boolean
  editedAt?: string | null
}

/** A body as formatted text. Drawn again only when the text or whom it mentions changed. */
export const MessageText = memo(
  function MessageText({ body, mentions, mentionsAll, editedAt }: Props) {
    const content = useMemo(() => {
      const tail = editedAt ? <Edited time={editedAt} /> : undefined
      return renderTokens(parseMarkdown(body), { mentions, mentionsAll }, tail)
    }, [body, mentions, mentionsAll, editedAt])
    return (
      <div
        dir="auto"
        className={clsx(
          'grid max-w-[46rem] grid-cols-[minmax(0,1fr)] gap-1 [overflow-wrap:anywhere]',
          isOnlyEmoji(body) && 'text-[2rem]/[2.5rem]',
        )}
      >
        {content}
      </div>
    )
  },
  (a, b) =>
    a.body === b.body &&
    a.editedAt === b.editedAt &&
    a.mentionsAll === b.mentionsAll &&
    a.mentions.join() === b.mentions.join(),
)
