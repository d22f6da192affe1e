'use client'

import { clsx } from 'clsx'
import { X } from 'lucide-react'
import * as Radix from 'radix-ui/dialog'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { IconButton } from './icon-button'
import { useReturnFocus } from './use-return-focus'

type Props = {
  title: ReactNode
  description?: ReactNode
  children: ReactNode
  onClose(): void
  size?: 'sm' | 'md' | 'lg'
  /** Padding is the content's own business: lists that run to the edge. */
  flush?: boolean
}

const widths = { sm: 'md:w-[26rem]', md: 'md:w-[32rem]', lg: 'md:w-[45rem]' }
export const scrimClass = 'fixed inset-0 z-40 animate-appear bg-scrim'
export const sheetClass =
  'fixed z-50 flex flex-col bg-float shadow-float outline-none animate-rise inset-x-0 bottom-0 max-h-[92dvh] rounded-t-card pb-[env(safe-area-inset-bottom)] md:inset-x-0 md:top-[12dvh] md:bottom-auto md:mx-auto md:max-h-[76dvh] md:rounded-card md:border'

/** The first thing to fill in, or the dialog itself: not the close button that happens to stand first. */
function focusField(event: Event) {
  const dialog = event.currentTarget as HTMLElement
  const field = dialog.querySelector<HTMLElement>(
    'input:not([type=radio], [disabled]), textarea:not([disabled])',
  )
  event.preventDefault()
  ;(field ?? dialog).focus()
}

/** Mount it to open it. On a phone it is a sheet at the foot of the screen. */
export function Dialog({ title, description, children, onClose, size = 'md', flush }: Props) {
  const t = useTranslations('ui')
  const returnFocus = useReturnFocus()
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={scrimClass} />
        <Radix.Content
          className={clsx(sheetClass, widths[size])}
          onOpenAutoFocus={focusField}
          onCloseAutoFocus={returnFocus}
          {...(description ? {} : { 'aria-describedby': undefined })}
        >
          <div className="flex items-start gap-4 px-6 pt-5 pb-3">
            <div className="grid min-w-0 flex-1 gap-1">
              <Radix.Title className="break-words font-semibold text-lg">{title}</Radix.Title>
              {description && (
                <Radix.Description className="text-quiet text-sm">{description}</Radix.Description>
              )}
            </div>
            <Radix.Close asChild>
              <IconButton label={t('close')} icon={<X size={18} />} className="-me-2" />
            </Radix.Close>
          </div>
          <div className={clsx('min-h-0 flex-1 overflow-y-auto', flush ? 'pb-2' : 'px-6 pt-1 pb-6')}>
            {children}
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
