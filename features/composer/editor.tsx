'use client'

import { useEffect, useId, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { emojiTable, replaceShortcodes } from '@/lib/emoji/emoji'
import { useErrorText } from '@/lib/error-text'
import { Button } from '@/ui/button'
import { Field } from './field'
import { countCharacters } from './text-edits'
import type { Suggest } from './use-suggestions'

type Props = {
  initial: string
  onSave(body: string): Promise<void>
  onCancel(): void
  suggest: Suggest
  limit: number
}

/** Changes a message in its place. What was typed stays when saving fails. */
export function Editor({ initial, onSave, onCancel, suggest, limit }: Props) {
  const t = useTranslations('composer')
  const errorText = useErrorText()
  const fieldRef = useRef<HTMLTextAreaElement>(null)
  const errorId = useId()
  const [value, setValue] = useState(initial)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  useEffect(() => {
    fieldRef.current?.focus()
  }, [])
  const over = countCharacters(value, limit) - limit
  const save = async () => {
    if (busy) return
    if (over > 0) return setError(t('tooLong', { over }))
    setBusy(true)
    setError(null)
    try {
      await onSave(replaceShortcodes(value.trimEnd(), emojiTable.get()))
    } catch (reason) {
      setError(errorText(reason))
      setBusy(false)
    }
  }
  return (
    <div className="grid gap-2 py-1">
      <div className="relative rounded-control border border-line-strong bg-ground px-3 py-2 focus-within:border-accent">
        <Field
          fieldRef={fieldRef}
          value={value}
          onChange={setValue}
          onSubmit={save}
          onEscape={onCancel}
          suggest={suggest}
          label={t('editLabel')}
          describedBy={error ? errorId : undefined}
          invalid={error !== null}
        />
      </div>
      {error && (
        <p id={errorId} role="alert" className="text-danger-ink text-sm">
          {error}
        </p>
      )}
      <div className="flex gap-2">
        <Button size="sm" variant="primary" busy={busy} onClick={save}>
          {t('save')}
        </Button>
        <Button size="sm" variant="quiet" onClick={onCancel}>
          {t('cancel')}
        </Button>
      </div>
    </div>
  )
}
