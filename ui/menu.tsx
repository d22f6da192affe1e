'use client'

import { cloneElement, type ReactElement, type ReactNode, Suspense, useState } from 'react'
import { lazyPart } from '@/lib/lazy-part'

export type MenuEntry =
  | { kind: 'separator' }
  | { kind: 'heading'; label: string }
  | {
      kind?: 'item'
      label: string
      icon?: ReactNode
      /** A quiet second line. */
      note?: string
      shortcut?: string
      href?: string
      danger?: boolean
      disabled?: boolean
      /** Present = a check mark's place is kept, true = it is drawn. */
      checked?: boolean
      onSelect?(): void
    }
  | { kind: 'submenu'; label: string; icon?: ReactNode; items: MenuEntry[] }

export type MenuProps = {
  trigger: ReactElement<Record<string, unknown>>
  items: MenuEntry[]
  label: string
  align?: 'start' | 'center' | 'end'
  side?: 'top' | 'bottom' | 'left' | 'right'
  /** Drawn above the items: who or what the menu is about. */
  header?: ReactNode
  onOpenChange?(open: boolean): void
}

const load = () => import('./menu-content')
const MenuContent = lazyPart<MenuProps & { focusFirst: boolean }>(() =>
  load().then((module) => ({ default: module.MenuContent })),
)

/**
 * A button with a menu. Until it is first opened it is only the button: the menu's code comes when the pointer
 * is over it or the keyboard reaches it.
 */
export function Menu(props: MenuProps) {
  const [wanted, setWanted] = useState<'pointer' | 'keyboard' | null>(null)
  const button = cloneElement(props.trigger, {
    'aria-haspopup': 'menu',
    'aria-expanded': false,
    onPointerEnter: load,
    onFocus: load,
    // A click without a pointer is the keyboard's.
    onClick: (event: MouseEvent) => setWanted(event.detail === 0 ? 'keyboard' : 'pointer'),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== 'ArrowDown') return
      event.preventDefault()
      setWanted('keyboard')
    },
  })
  if (!wanted) return button
  return (
    <Suspense fallback={button}>
      <MenuContent {...props} focusFirst={wanted === 'keyboard'} />
    </Suspense>
  )
}
