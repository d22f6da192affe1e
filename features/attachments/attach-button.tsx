'use client'

import { Paperclip } from 'lucide-react'
import { useRef } from 'react'
import { useTranslations } from 'use-intl'
import { IconButton } from '@/ui/icon-button'

const CLIP = <Paperclip size={18} />

/** Opens the browser's own dialog for files. They go to where it was opened, wherever the person has gone meanwhile. */
export function AttachButton({ onFiles }: { onFiles(files: File[]): void }) {
  const t = useTranslations('attachments')
  const input = useRef<HTMLInputElement>(null)
  const asked = useRef<typeof onFiles | null>(null)
  const ask = () => {
    asked.current = onFiles
    input.current?.click()
  }
  return (
    <>
      <IconButton label={t('attach')} icon={CLIP} onClick={ask} />
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
          const take = asked.current ?? onFiles
          asked.current = null
          if (files.length > 0) take(files)
        }}
      />
    </>
  )
}
