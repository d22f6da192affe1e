import { clsx } from 'clsx'

type Props = { size?: 14 | 16 | 24; label?: string; className?: string }

const sizes = { 14: 'size-3.5', 16: 'size-4', 24: 'size-6' }

/** Drawn with a border, so it takes the colour of the text around it. */
export function Spinner({ size = 16, label, className }: Props) {
  return (
    <span
      role={label ? 'status' : undefined}
      aria-hidden={label ? undefined : true}
      className={clsx(
        'inline-block shrink-0 animate-spin rounded-full border-2 border-current border-t-transparent',
        sizes[size],
        className,
      )}
    >
      {label && <span className="sr-only">{label}</span>}
    </span>
  )
}
