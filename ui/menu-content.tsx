'use client'

import { clsx } from 'clsx'
import { Check, ChevronRight } from 'lucide-react'
import * as Radix from 'radix-ui/dropdown-menu'
import { useEffect, useRef, useState } from 'react'
import { Kbd } from './kbd'
import type { MenuEntry, MenuProps } from './menu'

export const floatClass =
  'z-50 min-w-52 max-w-80 animate-appear overflow-y-auto rounded-card border bg-float p-1 shadow-float outline-none'
const itemClass =
  'flex min-h-8 pointer-coarse:min-h-11 cursor-default select-none items-center gap-2.5 rounded-control px-2.5 py-1 text-nav leading-5 outline-none data-disabled:opacity-45 data-highlighted:bg-hover'

type Item = Extract<MenuEntry, { kind?: 'item' }>

function ItemBody({ item }: { item: Item }) {
  return (
    <>
      {item.icon && <span className={clsx('shrink-0', !item.danger && 'text-quiet')}>{item.icon}</span>}
      <span className="grid min-w-0 flex-1">
        <bdi className="truncate">{item.label}</bdi>
        {item.note && <span className="truncate text-quiet text-xs">{item.note}</span>}
      </span>
      {item.shortcut && <Kbd keys={item.shortcut} />}
      {item.checked !== undefined && (
        <Check
          size={16}
          aria-hidden
          className={clsx('shrink-0 text-accent-ink', !item.checked && 'invisible')}
        />
      )}
    </>
  )
}

function Entry({ entry }: { entry: MenuEntry }) {
  if (entry.kind === 'separator') return <Radix.Separator className="-mx-1 my-1 h-px bg-line" />
  if (entry.kind === 'heading') {
    return (
      <Radix.Label className="px-2.5 pt-2 pb-1 font-medium text-quiet text-xs">{entry.label}</Radix.Label>
    )
  }
  if (entry.kind === 'submenu') {
    return (
      <Radix.Sub>
        <Radix.SubTrigger className={clsx(itemClass, 'data-[state=open]:bg-hover')}>
          {entry.icon && <span className="shrink-0 text-quiet">{entry.icon}</span>}
          <span className="flex-1">{entry.label}</span>
          <ChevronRight size={16} aria-hidden className="text-quiet" />
        </Radix.SubTrigger>
        <Radix.Portal>
          <Radix.SubContent className={floatClass} sideOffset={4} collisionPadding={8}>
            {entry.items.map((item, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a menu's entries have no identity but their place
              <Entry key={index} entry={item} />
            ))}
          </Radix.SubContent>
        </Radix.Portal>
      </Radix.Sub>
    )
  }
  const className = clsx(itemClass, entry.danger && 'text-danger-ink data-highlighted:bg-danger-fill')
  if (entry.href) {
    return (
      <Radix.Item asChild disabled={entry.disabled} onSelect={entry.onSelect} className={className}>
        <a href={entry.href}>
          <ItemBody item={entry} />
        </a>
      </Radix.Item>
    )
  }
  if (entry.checked !== undefined) {
    return (
      <Radix.CheckboxItem
        checked={entry.checked}
        disabled={entry.disabled}
        onSelect={entry.onSelect}
        className={className}
      >
        <ItemBody item={entry} />
      </Radix.CheckboxItem>
    )
  }
  return (
    <Radix.Item disabled={entry.disabled} onSelect={entry.onSelect} className={className}>
      <ItemBody item={entry} />
    </Radix.Item>
  )
}

/** The heavy half of `Menu`: mounted at the first opening, and opens as it mounts. */
export function MenuContent({
  trigger,
  items,
  label,
  align = 'start',
  side = 'bottom',
  header,
  onOpenChange,
  focusFirst,
}: MenuProps & { focusFirst: boolean }) {
  const [open, setOpen] = useState(false)
  const content = useRef<HTMLDivElement>(null)
  const onOpenChangeAtMount = useRef(onOpenChange)
  useEffect(() => {
    setOpen(true)
    onOpenChangeAtMount.current?.(true)
    // The menu did not see the key that asked for it, so it would focus none of its items.
    if (focusFirst)
      requestAnimationFrame(() => content.current?.querySelector<HTMLElement>('[role^=menuitem]')?.focus())
  }, [focusFirst])
  const change = (next: boolean) => {
    setOpen(next)
    onOpenChange?.(next)
  }
  return (
    <Radix.Root open={open} onOpenChange={change} modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          ref={content}
          aria-label={label}
          align={align}
          side={side}
          sideOffset={4}
          collisionPadding={8}
          className={clsx(floatClass, 'max-h-(--radix-dropdown-menu-content-available-height)')}
        >
          {header}
          {items.map((entry, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a menu's entries have no identity but their place
            <Entry key={index} entry={entry} />
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
