'use client'

import { clsx } from 'clsx'
import * as Radix from 'radix-ui/popover'
import { useEffect, useRef, useState } from 'react'
import type { PopoverProps } from './popover'

/** The heavy half of `Popover`: mounted at the first opening, and opens as it mounts. */
export function PopoverContent({
  trigger,
  label,
  children,
  align = 'start',
  side = 'bottom',
  className,
  onOpenChange,
}: PopoverProps) {
  const [open, setOpen] = useState(false)
  const onOpenChangeAtMount = useRef(onOpenChange)
  useEffect(() => {
    setOpen(true)
    onOpenChangeAtMount.current?.(true)
  }, [])
  const change = (next: boolean) => {
    setOpen(next)
    onOpenChange?.(next)
  }
  return (
    <Radix.Root open={open} onOpenChange={change}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className={clsx(
            'z-50 max-h-(--radix-popover-content-available-height) animate-appear overflow-y-auto rounded-card border bg-float shadow-float outline-none',
            className,
          )}
        >
          {children(() => change(false))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
