'use client'

import { Mic } from 'lucide-react'
import { Suspense } from 'react'
import { useTranslations } from 'use-intl'
import type { RecorderProps } from '@/features/attachments/recorder'
import { lazyPart } from '@/lib/lazy-part'
import { IconButton } from '@/ui/icon-button'

const Recorder = lazyPart<RecorderProps>(() => import('@/features/attachments/recorder'))

const MICROPHONE = <Mic size={18} />

type Props = { open: boolean; setOpen(open: boolean): void; onRecorded: RecorderProps['onRecorded'] }

/** Begins a voice message; while it is recorded the recorder stands in the button's place. */
export function VoiceButton({ open, setOpen, onRecorded }: Props) {
  const t = useTranslations('attachments')
  const button = (
    <IconButton label={t('record')} icon={MICROPHONE} disabled={open} onClick={() => setOpen(true)} />
  )
  if (!open) return button
  return (
    <Suspense fallback={button}>
      <Recorder onRecorded={onRecorded} onClose={() => setOpen(false)} />
    </Suspense>
  )
}
