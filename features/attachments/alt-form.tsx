'use client'

import { useId, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { Button } from '@/ui/button'
import { MAX_ALT_LENGTH } from './schema'

type Props = {
  alt: string
  /** Absent: the words can only be read. */
  onSave?: (alt: string) => Promise<void>
}

/** What a picture shows, in words: read by everybody, written by whoever sent it. */
export function AltForm({ alt, onSave }: Props) {
  const t = useTranslations('attachments')
  const ui = useTranslations('ui')
  const errorText = useErrorText()
  const id = useId()
  const [value, setValue] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  if (!onSave && !alt) return null
  if (value === null || !onSave) {
    return (
      <footer className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-t px-4 py-2.5 pb-[max(0.625rem,env(safe-area-inset-bottom))]">
        {alt && (
          <p
            dir="auto"
            className="max-h-24 min-w-0 max-w-[46rem] overflow-y-auto text-soft [overflow-wrap:anywhere]"
          >
            {alt}
          </p>
        )}
        {onSave && (
          <Button size="sm" variant="quiet" onClick={() => setValue(alt)}>
            {alt ? t('editAlt') : t('addAlt')}
          </Button>
        )}
      </footer>
    )
  }
  const save = async () => {
    setBusy(true)
    setError(null)
    try {
      await onSave(value.trim())
      setValue(null)
    } catch (reason) {
      setError(errorText(reason))
    }
    setBusy(false)
  }
  return (
    <footer className="grid shrink-0 gap-2 border-t px-4 py-3 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
      <label htmlFor={id} className="font-medium text-sm">
        {t('alt')}
      </label>
      <textarea
        id={id}
        dir="auto"
        rows={2}
        maxLength={MAX_ALT_LENGTH}
        // biome-ignore lint/a11y/noAutofocus: the person has just asked to write here
        autoFocus
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
        aria-describedby={`${id}-help`}
        aria-invalid={error !== null || undefined}
        className="block w-full max-w-[46rem] resize-none rounded-control border border-line-strong bg-ground px-3 py-2 text-base outline-none focus:border-accent"
      />
      <p
        id={`${id}-help`}
        role={error ? 'alert' : undefined}
        className={error ? 'text-danger-ink text-sm' : 'text-quiet text-sm'}
      >
        {error ?? t('altHelp')}
      </p>
      <div className="flex gap-2">
        <Button size="sm" variant="primary" busy={busy} onClick={() => void save()}>
          {t('saveAlt')}
        </Button>
        <Button size="sm" variant="quiet" onClick={() => setValue(null)}>
          {ui('cancel')}
        </Button>
      </div>
    </footer>
  )
}
