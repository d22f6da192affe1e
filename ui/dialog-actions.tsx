import { clsx } from 'clsx'
import type { ReactNode } from 'react'

type Props = { children: ReactNode; className?: string }

/** The foot of a form in a dialog: the verb at the end, its way out before it. */
export function DialogActions({ children, className }: Props) {
  return <div className={clsx('mt-3 flex flex-wrap justify-end gap-2', className)}>{children}</div>
}
