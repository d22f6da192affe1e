'use client'

import { clsx } from 'clsx'
import { Hash, Lock, MessageSquareReply, Paperclip } from 'lucide-react'
import { memo, type ReactNode, useMemo } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { Name } from '@/ui/name'
import { tooltip } from '@/ui/tooltip'
import { highlight, type Piece } from './highlight'
import { plainText } from './plain-text'
import type { Term } from './query'
import type { Hit, HitChannel } from './schema'

type Props = {
  hit: Hit
  terms: readonly Term[]
  href: string
  author: string
  avatar: ReactNode
  place: string
  kind: HitChannel['kind']
  /** It is the one that is open beside the list. */
  current: boolean
  onOpen(): void
}

function Marked({ pieces }: { pieces: readonly Piece[] }) {
  return pieces.map(({ text, hit }, index) =>
    hit ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other identity
      <mark key={index} className="rounded-[3px] bg-warning-fill px-px font-medium text-warning-ink">
        {text}
      </mark>
    ) : (
      text
    ),
  )
}

/** Who said it, where and when, and the words around what was looked for. */
export const ResultRow = memo(function ResultRow(props: Props) {
  const { hit, terms, href, author, avatar, place, kind, current, onOpen } = props
  const t = useTranslations('search')
  const format = useFormatter()
  const pieces = useMemo(() => highlight(plainText(hit.body), terms), [hit.body, terms])
  const date = new Date(hit.created_at)
  const files = hit.attachments.map((file) => file.name).join(', ')
  const Icon = kind === 'private' ? Lock : Hash
  return (
    <li>
      <a
        href={href}
        data-result
        onClick={onOpen}
        aria-current={current ? 'true' : undefined}
        className={clsx(
          'flex gap-3 rounded-card px-3 py-2.5 hover:bg-hover focus-visible:bg-hover',
          current && 'bg-selected',
        )}
      >
        <span className="shrink-0 pt-0.5">{avatar}</span>
        <span className="grid min-w-0 flex-1 gap-0.5">
          <span className="flex min-w-0 items-baseline gap-2">
            <Name className="font-semibold">{author}</Name>
            <span className="flex min-w-0 flex-1 items-baseline gap-1 text-quiet text-sm">
              {kind !== 'direct' && <Icon size={12} aria-hidden className="shrink-0 self-center" />}
              <Name>{place}</Name>
            </span>
            <time
              dateTime={hit.created_at}
              data-figures
              className="shrink-0 text-quiet text-xs"
              {...tooltip(format.dateTime(date, { dateStyle: 'full', timeStyle: 'medium' }))}
            >
              {shortDate(format, date)}
            </time>
          </span>
          <span dir="auto" className="line-clamp-3 text-base [overflow-wrap:anywhere]">
            <Marked pieces={pieces} />
          </span>
          {(hit.thread_id || files) && (
            <span className="flex min-w-0 items-center gap-3 text-quiet text-sm">
              {hit.thread_id && (
                <span className="flex shrink-0 items-center gap-1">
                  <MessageSquareReply size={13} aria-hidden />
                  {t('reply')}
                </span>
              )}
              {files && (
                <span className="flex min-w-0 items-center gap-1">
                  <Paperclip size={13} aria-hidden className="shrink-0" />
                  <span className="sr-only">{t('files')}</span>
                  <bdi className="truncate">
                    <Marked pieces={highlight(files, terms)} />
                  </bdi>
                </span>
              )}
            </span>
          )}
        </span>
      </a>
    </li>
  )
})

/** "10:42" today, else the day; the year where it is another. */
function shortDate(format: ReturnType<typeof useFormatter>, date: Date): string {
  const now = new Date()
  if (date.toDateString() === now.toDateString())
    return format.dateTime(date, { hour: '2-digit', minute: '2-digit' })
  const year = date.getFullYear() === now.getFullYear() ? undefined : 'numeric'
  return format.dateTime(date, { day: 'numeric', month: 'short', year })
}
