'use client'

import { Paperclip } from 'lucide-react'
import { useRef } from 'react'
import { useTranslations } from 'use-intl'
import { IconButton } from '@/ui/icon-button'

/** Opens the browser's own dialog for files. */
export function AttachButton({ onFiles }: { onFiles(files: File[]): void }) {
  const t = useTranslations('attachments')
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <IconButton label={t('attach')} icon={<Paperclip size={18} />} onClick={() => input.current?.click()} />
      <input
        ref={input}
        type="file"
        multiple
        hidden
        tabIndex={-1}
        data-attach
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])]
          // The same file may be chosen again.
          event.currentTarget.value = ''
          if (files.length > 0) onFiles(files)
        }}
      />
    </>
  )
}
