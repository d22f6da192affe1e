'use client'

import { ArrowDown } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useHost } from './host'
import type { Item } from './items'

type Props = { items: readonly Item[]; onJump(): void }

/** Shown while the reader is away from the newest message; counts what others wrote since they left it. */
export function JumpButton({ items, onJump }: Props) {
  const t = useTranslations('messages')
  const { me } = useHost()
  const [left] = useState(items.at(-1)?.key)
  const at = items.findIndex((item) => item.key === left)
  const count = at < 0 ? 0 : items.slice(at + 1).filter((item) => item.message.user_id !== me).length
  return (
    <button
      type="button"
      onClick={onJump}
      className="touch-target absolute! bottom-3 left-1/2 z-10 flex h-8 -translate-x-1/2 animate-rise items-center gap-1.5 whitespace-nowrap rounded-full border bg-float px-3.5 font-medium text-sm shadow-float hover:bg-hover"
    >
      <ArrowDown size={15} aria-hidden className="text-quiet" />
      {count ? t('jumpNew', { count }) : t('jump')}
    </button>
  )
}
