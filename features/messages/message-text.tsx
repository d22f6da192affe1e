'use client'

import { clsx } from 'clsx'
import { memo, useMemo } from 'react'
import { isOnlyEmoji } from '@/lib/emoji/emoji'
import { parseMarkdown } from '@/lib/markdown/parse'
import { renderTokens } from './render-tokens'

type Props = { body: string; mentions: readonly string[]; mentionsAll: boolean }

/** A body as formatted text. Drawn again only when the text or whom it mentions changed. */
export const MessageText = memo(
  function MessageText({ body, mentions, mentionsAll }: Props) {
    const content = useMemo(
      () => renderTokens(parseMarkdown(body), { mentions, mentionsAll }),
      [body, mentions, mentionsAll],
    )
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
  (a, b) => a.body === b.body && a.mentionsAll === b.mentionsAll && a.mentions.join() === b.mentions.join(),
)
