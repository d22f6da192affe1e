'use client'

import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { useHost } from './host'
import type { Message } from './schema'

type Props = { message: Message; onClose(): void }

export function DeleteDialog({ message, onClose }: Props) {
  const t = useTranslations('messages')
  const errorText = useErrorText()
  const host = useHost()
  return (
    <ConfirmDialog
      title={t('deleteTitle')}
      confirm={t('delete')}
      danger
      onConfirm={() => host.remove(message)}
      errorText={errorText}
      onClose={onClose}
    >
      <p>{t('deleteText')}</p>
      <blockquote className="mt-3 line-clamp-4 break-words border-line-strong border-s-[3px] ps-3 text-sm">
        {message.body}
      </blockquote>
    </ConfirmDialog>
  )
}
