'use client'

import { clsx } from 'clsx'
import { Hash, Lock, Search } from 'lucide-react'
import * as Radix from 'radix-ui/dialog'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { Avatar } from '@/ui/avatar'
import { Badge } from '@/ui/badge'
import { scrimClass, sheetClass } from '@/ui/dialog'
import { Kbd } from '@/ui/kbd'
import { Name } from '@/ui/name'
import { showToast } from '@/ui/toast'
import { useReturnFocus } from '@/ui/use-return-focus'
import { PresenceDot } from '../_frame/presence-dot'
import type { Target } from './switcher-targets'
import { useSwitcherTargets } from './use-switcher-targets'

function Mark({ target }: { target: Target }) {
  if (target.kind === 'channel' && target.direct !== 'one') {
    const Icon = target.isPrivate ? Lock : Hash
    return (
      <span className="grid w-6 place-items-center text-quiet">
        {target.direct === 'group' ? target.people : <Icon size={16} aria-hidden />}
      </span>
    )
  }
  return (
    <Avatar
      name={target.label}
      colorKey={target.personId}
      src={target.avatar}
      size={24}
      badge={<PresenceDot userId={target.personId} ring="ring-float" />}
    />
  )
}

/** Jumps to a channel or a person by a few letters of the name. Opens on what is unread and recent. */
export default function QuickSwitcher({ onClose }: { onClose(): void }) {
  const t = useTranslations('switcher')
  const errorText = useErrorText()
  const returnFocus = useReturnFocus()
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const [query, setQuery] = useState('')
  const [active, setActive] = useState(0)
  const targets = useSwitcherTargets(query)
  const index = Math.min(active, targets.length - 1)

  useEffect(() => {
    list.current?.children[index]?.scrollIntoView({ block: 'nearest' })
  }, [index])

  const go = (target: Target | undefined) => {
    if (!target) return
    onClose()
    Promise.resolve(target.open()).catch((error: unknown) => showToast(errorText(error)))
  }
  const keys = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step) {
      event.preventDefault()
      setActive((index + step + targets.length) % Math.max(1, targets.length))
    } else if (event.key === 'Enter') {
      event.preventDefault()
      go(targets[index])
    }
  }
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={scrimClass} />
        <Radix.Content
          aria-describedby={undefined}
          onCloseAutoFocus={returnFocus}
          className={clsx(sheetClass, 'md:w-[36rem]')}
        >
          <Radix.Title className="sr-only">{t('title')}</Radix.Title>
          <div className="flex items-center gap-3 border-b px-4">
            <Search size={18} aria-hidden className="shrink-0 text-quiet" />
            <input
              role="combobox"
              aria-label={t('title')}
              aria-expanded={targets.length > 0}
              aria-controls={id}
              aria-activedescendant={targets[index] ? `${id}-${targets[index].key}` : undefined}
              placeholder={t('placeholder')}
              autoComplete="off"
              spellCheck={false}
              value={query}
              onChange={(event) => {
                setQuery(event.target.value)
                setActive(0)
              }}
              onKeyDown={keys}
              className="h-13 min-w-0 flex-1 bg-transparent text-lg outline-none"
            />
            <Kbd keys="Esc" />
          </div>
          <div
            ref={list}
            id={id}
            role="listbox"
            aria-label={t('title')}
            className="h-96 max-h-[60dvh] overflow-y-auto p-2"
          >
            {targets.map((target, place) => (
              <div
                key={target.key}
                id={`${id}-${target.key}`}
                role="option"
                tabIndex={-1}
                aria-selected={place === index}
                onPointerMove={() => setActive(place)}
                onClick={() => go(target)}
                onKeyDown={keys}
                className={clsx(
                  'flex h-10 cursor-pointer items-center gap-3 rounded-control px-2.5 pointer-coarse:h-12',
                  place === index && 'bg-hover',
                )}
              >
                <Mark target={target} />
                <Name className={clsx(target.unread && 'font-semibold')}>{target.label}</Name>
                <Name className="flex-1 text-quiet text-sm">{target.note ?? ''}</Name>
                {target.count > 0 && <Badge tone="mention">{target.count}</Badge>}
              </div>
            ))}
            {targets.length === 0 && (
              <p className="px-3 py-10 text-center text-quiet">{t('nothing', { query })}</p>
            )}
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
