import type { ReactNode } from 'react'

type Props = { label: string; children: ReactNode; className?: string }

/** Wraps a skeleton: invisible for the first 150 ms, so a quick answer never flashes. */
export function Late({ label, children, className }: Props) {
  return (
    <div role="status" className={className}>
      <span className="sr-only">{label}</span>
      <div className="contents *:animate-late">{children}</div>
    </div>
  )
}
