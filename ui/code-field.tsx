'use client'

import { clsx } from 'clsx'
import { useId } from 'react'
import { controlClass, describedBy, Field, type FieldTexts } from './field'

type Props = FieldTexts & {
  value: string
  onChange(value: string): void
  /** Called when the last digit is there, typed or pasted. */
  onComplete?(value: string): void
  name?: string
  length?: number
  autoFocus?: boolean
  disabled?: boolean
  className?: string
}

/** A short code of digits. One field, so that paste, a phone's suggestion and a screen reader work as everywhere. */
export function CodeField({
  label,
  help,
  error,
  optional,
  hideLabel,
  className,
  value,
  onChange,
  onComplete,
  length = 6,
  ...rest
}: Props) {
  const id = useId()
  return (
    <Field {...{ id, label, help, error, optional, hideLabel, className }}>
      <input
        {...rest}
        id={id}
        value={value}
        type="text"
        inputMode="numeric"
        autoComplete="one-time-code"
        spellCheck={false}
        data-figures
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id)}
        onChange={(event) => {
          const digits = event.target.value.replace(/\D/g, '').slice(0, length)
          onChange(digits)
          if (digits.length === length && digits !== value) onComplete?.(digits)
        }}
        className={clsx(
          controlClass(Boolean(error)),
          'h-12 px-3 font-medium font-mono text-xl! tracking-[0.4em]',
        )}
      />
    </Field>
  )
}
