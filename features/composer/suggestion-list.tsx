'use client'

import { clsx } from 'clsx'
import { useTranslations } from 'use-intl'
import type { Suggestion } from './use-suggestions'

type Props = { id: string; list: Suggestion[]; active: number; onPick(suggestion: Suggestion): void }

/** Stands above the field; the field keeps the focus and names the active line. */
export function SuggestionList({ id, list, active, onPick }: Props) {
  const t = useTranslations('composer')
  return (
    <div
      id={id}
      role="listbox"
      aria-label={t('suggestions')}
      className="absolute inset-x-0 bottom-full z-20 mb-1 max-h-72 animate-appear overflow-y-auto rounded-card border bg-float p-1 shadow-float"
    >
      {list.map((item, index) => (
        <div
          key={item.key}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          // Before the field loses the focus.
          onPointerDown={(event) => {
            event.preventDefault()
            onPick(item)
          }}
          className={clsx(
            'flex h-9 cursor-default items-center gap-2.5 rounded-control px-2 text-nav leading-5 pointer-coarse:h-11',
            index === active ? 'bg-hover' : 'hover:bg-fill',
          )}
        >
          <span className="grid w-6 shrink-0 place-items-center">{item.icon}</span>
          <bdi className="truncate font-medium">{item.label}</bdi>
          {item.note && <bdi className="truncate text-quiet">{item.note}</bdi>}
        </div>
      ))}
    </div>
  )
}
