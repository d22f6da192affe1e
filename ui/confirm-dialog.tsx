'use client'

import { type ReactNode, Suspense } from 'react'
import { lazyPart } from '@/lib/lazy-part'

export type ConfirmDialogProps = {
  title: ReactNode
  children?: ReactNode
  /** The verb, with the thing: "Archive channel". */
  confirm: string
  danger?: boolean
  /** Resolves = done, the dialog closes. Rejects = the text of `errorText` is shown and it stays. */
  onConfirm(): Promise<unknown> | unknown
  errorText?(error: unknown): string
  onClose(): void
}

const Content = lazyPart<ConfirmDialogProps>(() =>
  import('./confirm-dialog-content').then((module) => ({ default: module.ConfirmDialogContent })),
)

/** Asks once, naming the thing. Mount it to open it; its code is loaded then. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Suspense fallback={null}>
      <Content {...props} />
    </Suspense>
  )
}
