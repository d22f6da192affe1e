import { clsx } from 'clsx'
import type { ReactNode } from 'react'

type Props = { tone?: 'mention' | 'neutral' | 'accent' | 'warning'; children: ReactNode; label?: string }

const tones = {
  mention: 'bg-danger text-on-danger font-semibold',
  neutral: 'bg-hover text-soft font-medium',
  accent: 'bg-accent-fill text-accent-ink font-medium',
  warning: 'bg-warning-fill text-warning-ink font-medium',
}

export function Badge({ tone = 'neutral', children, label }: Props) {
  return (
    <span
      data-figures
      className={clsx(
        'inline-flex h-4.5 min-w-4.5 shrink-0 items-center justify-center rounded-full px-1.5 text-xs leading-none',
        tones[tone],
      )}
    >
      {label ? (
        <>
          <span aria-hidden>{children}</span>
          <span className="sr-only">{label}</span>
        </>
      ) : (
        children
      )}
    </span>
  )
}
