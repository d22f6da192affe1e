import { clsx } from 'clsx'
import { type ComponentProps, useId } from 'react'
import { controlClass, describedBy, Field, type FieldTexts } from './field'

type Props = Omit<ComponentProps<'textarea'>, 'onChange'> & FieldTexts & { onChange?(value: string): void }

export function TextArea({ label, help, error, optional, hideLabel, className, onChange, ...rest }: Props) {
  const id = useId()
  return (
    <Field {...{ id, label, help, error, optional, hideLabel, className }}>
      <textarea
        rows={3}
        {...rest}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id)}
        onChange={(event) => onChange?.(event.target.value)}
        className={clsx(
          controlClass(Boolean(error)),
          'field-sizing-content max-h-60 min-h-20 resize-none px-3 py-2',
        )}
      />
    </Field>
  )
}
