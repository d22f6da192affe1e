'use client'

import { Check, Copy } from 'lucide-react'
import { type ReactNode, useId, useState } from 'react'
import { useTranslations } from 'use-intl'
import { Button } from './button'
import { controlClass, describedBy, Field } from './field'

type Props = { label: string; value: string; help?: ReactNode; autoFocus?: boolean; className?: string }

/** A text to be taken elsewhere, whole: it is selected when focused, and copied by its button. */
export function CopyField({ label, value, help, autoFocus, className }: Props) {
  const t = useTranslations('ui')
  const id = useId()
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value)
      setCopied(true)
    } catch {
      // Without a secure origin the browser has no clipboard for us: the text is selected to be copied by hand.
      document.querySelector<HTMLInputElement>(`#${CSS.escape(id)}`)?.select()
    }
  }
  return (
    <Field id={id} label={label} help={help} className={className}>
      <div className="flex gap-2">
        <input
          id={id}
          value={value}
          readOnly
          // biome-ignore lint/a11y/noAutofocus: the one thing that a dialog was opened for
          autoFocus={autoFocus}
          dir="ltr"
          aria-describedby={describedBy(id)}
          onFocus={(event) => event.target.select()}
          className={`${controlClass(false)} h-10 min-w-0 flex-1 px-3`}
        />
        <Button onClick={copy} className="h-10" aria-label={copied ? undefined : t('copyNamed', { label })}>
          {copied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
          {copied ? t('copied') : t('copy')}
        </Button>
      </div>
      <span role="status" className="sr-only">
        {copied && t('copied')}
      </span>
    </Field>
  )
}
