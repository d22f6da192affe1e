import { clsx } from 'clsx'
import type { ComponentProps, ReactNode } from 'react'
import { tooltip } from './tooltip'

type Props = Omit<ComponentProps<'button'>, 'aria-label'> & {
  /** The accessible name; also shown as the tooltip. */
  label: string
  icon: ReactNode
  shortcut?: string
  size?: 'xs' | 'sm' | 'md'
  pressed?: boolean
  danger?: boolean
}

const sizes = { xs: 'size-6', sm: 'size-7', md: 'size-8' }

export function IconButton({
  label,
  icon,
  shortcut,
  size = 'md',
  pressed,
  danger,
  className,
  type,
  ...rest
}: Props) {
  return (
    <button
      {...tooltip(label, { shortcut })}
      {...rest}
      type={type ?? 'button'}
      aria-label={label}
      aria-pressed={pressed}
      className={clsx(
        'touch-target inline-grid shrink-0 place-items-center rounded-control disabled:opacity-40',
        danger
          ? 'text-danger-ink hover:bg-danger-fill'
          : 'text-quiet hover:bg-hover hover:text-ink aria-expanded:bg-hover aria-expanded:text-ink',
        pressed && 'bg-selected text-ink',
        sizes[size],
        className,
      )}
    >
      {icon}
    </button>
  )
}
