import { clsx } from 'clsx'
import { type ComponentProps, type ReactNode, useId } from 'react'
import { controlClass, describedBy, Field, type FieldTexts } from './field'

type Props = Omit<ComponentProps<'input'>, 'prefix' | 'onChange'> &
  FieldTexts & {
    /** Drawn inside, before the text: "#", "chat.example.com/". */
    prefix?: ReactNode
    /** A control inside, after the text: "Show". */
    suffix?: ReactNode
    trailing?: ReactNode
    onChange?(value: string): void
  }

export function TextField({
  label,
  help,
  error,
  optional,
  hideLabel,
  prefix,
  suffix,
  trailing,
  className,
  onChange,
  id: givenId,
  ...rest
}: Props) {
  const ownId = useId()
  const id = givenId ?? ownId
  return (
    <Field {...{ id, label, help, error, optional, hideLabel, trailing, className }}>
      <div className="relative flex items-center">
        {prefix && (
          <span className="pointer-events-none absolute start-3 text-base text-quiet" aria-hidden>
            {prefix}
          </span>
        )}
        <input
          {...rest}
          id={id}
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy(id)}
          onChange={(event) => onChange?.(event.target.value)}
          className={clsx(controlClass(Boolean(error)), 'h-10 px-3', prefix && 'ps-8', suffix && 'pe-16')}
        />
        {suffix && <span className="absolute end-1.5">{suffix}</span>}
      </div>
    </Field>
  )
}
