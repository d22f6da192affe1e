import { clsx } from 'clsx'

type Props = { state: 'on' | 'away' | 'off'; label?: string; large?: boolean; ring?: string }

/** Filled is here, hollow is away, nothing is gone: shape as well as colour. */
export function StatusDot({ state, label, large, ring = 'ring-ground' }: Props) {
  if (state === 'off') return null
  return (
    <span
      className={clsx(
        'inline-block rounded-full ring-2',
        large ? 'size-3' : 'size-2',
        ring,
        state === 'on' ? 'bg-presence' : 'border-2 border-faint bg-ground',
      )}
    >
      {label && <span className="sr-only">{label}</span>}
    </span>
  )
}
