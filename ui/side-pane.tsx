'use client'

import { X } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { IconButton } from './icon-button'

type Props = {
  title: string
  /** A quiet second line under the title. */
  note?: ReactNode
  actions?: ReactNode
  onClose(): void
  children: ReactNode
}

/**
 * The pane at the right of a screen: beside it on wide screens, over it from 700 to 1100 px, alone on phones.
 * Escape closes it and the focus goes back to where it came from.
 */
export function SidePane({ title, note, actions, onClose, children }: Props) {
  const t = useTranslations('ui')
  const pane = useRef<HTMLElement>(null)
  useEffect(() => {
    const before = document.activeElement
    const closed = pane.current
    return () => {
      const focus = document.activeElement
      if (
        before instanceof HTMLElement &&
        before.isConnected &&
        (focus === document.body || closed?.contains(focus))
      )
        before.focus()
    }
  }, [])
  const keys = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.defaultPrevented) return
    event.preventDefault()
    onClose()
  }
  return (
    <aside
      ref={pane}
      data-region
      aria-label={title}
      onKeyDown={keys}
      className="absolute inset-0 z-20 flex min-w-0 flex-col bg-ground md:inset-y-0 md:start-auto md:end-0 md:w-100 md:border-s md:shadow-float lg:static lg:shrink-0 lg:shadow-none"
    >
      <header className="flex h-13 shrink-0 items-center gap-2 border-b ps-4 pe-2">
        <div className="grid min-w-0 flex-1">
          <h2 className="truncate font-semibold text-base leading-5">{title}</h2>
          {note && <div className="truncate text-quiet text-xs">{note}</div>}
        </div>
        {actions}
        <IconButton label={t('close')} icon={<X size={18} />} onClick={onClose} />
      </header>
      <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">{children}</div>
    </aside>
  )
}
