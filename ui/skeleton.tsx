import { clsx } from 'clsx'

type Props = { className?: string; round?: boolean }

/** A grey bar in the place of what comes. Give it the real thing's size. */
export function Skeleton({ className, round }: Props) {
  return (
    <span
      aria-hidden
      className={clsx('block animate-pulse bg-hover', round ? 'rounded-full' : 'rounded-control', className)}
    />
  )
}
