'use client'

import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { useHost } from './host'
import type { OutboxEntry } from './outbox-db'

/** Under a message that did not go out: why, and what can be done. Waiting ones say so only when it takes long. */
export function SendStatus({ entry }: { entry: OutboxEntry }) {
  const t = useTranslations('messages')
  const errorText = useErrorText()
  const host = useHost()
  if (entry.state === 'pending') {
    return entry.attempts > 0 ? <p className="mt-0.5 text-quiet text-xs">{t('waiting')}</p> : null
  }
  return (
    <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 border-danger-line border-s-2 ps-2 text-sm">
      <span className="flex items-center gap-1.5 text-danger-ink" role="alert">
        <CircleAlert size={14} aria-hidden className="shrink-0" />
        {t('notSent')} {errorText(entry.error)}
      </span>
      <span className="flex gap-3">
        <Verb onClick={() => host.retry(entry.id)}>{t('retry')}</Verb>
        <Verb onClick={() => host.rewrite(entry)}>{t('editAgain')}</Verb>
        <Verb onClick={() => void navigator.clipboard?.writeText(entry.body)}>{t('copy')}</Verb>
        <Verb onClick={() => host.discard(entry.id)}>{t('discard')}</Verb>
      </span>
    </div>
  )
}

function Verb({ onClick, children }: { onClick(): void; children: ReactNode }) {
  return (
    <button
      type="button"
      onClick={onClick}
      className="touch-target font-medium text-accent-ink underline-offset-2 hover:underline"
    >
      {children}
    </button>
  )
}
