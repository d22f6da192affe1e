import type { ReactNode } from 'react'

/** The foot of a form in a dialog: the verb at the end, its way out before it. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="mt-3 flex flex-wrap justify-end gap-2">{children}</div>
}
