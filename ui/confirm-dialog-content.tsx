'use client'

import { clsx } from 'clsx'
import * as Radix from 'radix-ui/alert-dialog'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { Button } from './button'
import type { ConfirmDialogProps } from './confirm-dialog'
import { scrimClass, sheetClass } from './dialog'
import { DialogActions } from './dialog-actions'
import { ErrorNotice } from './error-notice'
import { useReturnFocus } from './use-return-focus'

/** The heavy half of `ConfirmDialog`. */
export function ConfirmDialogContent({
  title,
  children,
  confirm,
  danger,
  onConfirm,
  errorText,
  onClose,
}: ConfirmDialogProps) {
  const t = useTranslations('ui')
  const returnFocus = useReturnFocus()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const run = async () => {
    setBusy(true)
    setError(null)
    try {
      await onConfirm()
      onClose()
    } catch (reason) {
      setError(errorText?.(reason) ?? t('failed'))
      setBusy(false)
    }
  }
  return (
    <Radix.Root open onOpenChange={(open) => !open && !busy && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={scrimClass} />
        <Radix.Content
          className={clsx(sheetClass, 'gap-2 px-6 pt-6 md:w-[26rem]')}
          onCloseAutoFocus={returnFocus}
        >
          <Radix.Title className="break-words font-semibold text-lg">{title}</Radix.Title>
          <Radix.Description asChild>
            <div className="text-base text-soft">{children}</div>
          </Radix.Description>
          {error && <ErrorNotice className="mt-2">{error}</ErrorNotice>}
          <DialogActions className="pb-6">
            <Radix.Cancel asChild>
              <Button variant="secondary">{t('cancel')}</Button>
            </Radix.Cancel>
            <Button variant={danger ? 'danger' : 'primary'} busy={busy} onClick={run}>
              {confirm}
            </Button>
          </DialogActions>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
