'use client'

import { cloneElement, type ReactElement, type ReactNode, Suspense, useState } from 'react'
import { lazyPart } from '@/lib/lazy-part'

export type PopoverProps = {
  trigger: ReactElement<Record<string, unknown>>
  /** The accessible name of what opens. */
  label: string
  children(close: () => void): ReactNode
  align?: 'start' | 'center' | 'end'
  side?: 'top' | 'bottom' | 'left' | 'right'
  className?: string
  onOpenChange?(open: boolean): void
}

const load = () => import('./popover-content')
const PopoverContent = lazyPart<PopoverProps>(() =>
  load().then((module) => ({ default: module.PopoverContent })),
)

/** A button with a floating panel, loaded like `Menu`: when it is about to be used. */
export function Popover(props: PopoverProps) {
  const [wanted, setWanted] = useState(false)
  const button = cloneElement(props.trigger, {
    'aria-haspopup': 'dialog',
    'aria-expanded': false,
    onPointerEnter: load,
    onFocus: load,
    onClick: () => setWanted(true),
  })
  if (!wanted) return button
  return (
    <Suspense fallback={button}>
      <PopoverContent {...props} />
    </Suspense>
  )
}
