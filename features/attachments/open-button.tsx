'use client'

import { Eye } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { IconButton } from '@/ui/icon-button'
import type { Attachment } from './schema'

type Props = { attachment: Attachment; onOpen(): void }

/** Shows a file over the whole screen. */
export function OpenButton({ attachment, onOpen }: Props) {
  const t = useTranslations('attachments')
  return (
    <IconButton
      label={t('open', { name: attachment.name })}
      icon={<Eye size={17} />}
      onClick={onOpen}
      data-attachment={attachment.id}
    />
  )
}
