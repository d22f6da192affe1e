import { clsx } from 'clsx'
import { ChevronDown } from 'lucide-react'
import { type ComponentProps, useId } from 'react'
import { controlClass, describedBy, Field, type FieldTexts } from './field'

type Option<T extends string> = { value: T; label: string }
type Props<T extends string> = Omit<ComponentProps<'select'>, 'onChange' | 'value'> &
  FieldTexts & { value: T; options: Option<NoInfer<T>>[]; onChange(value: NoInfer<T>): void }

/** The system's own list: right on a phone, right for a screen reader, nothing to load. */
export function Select<T extends string>({
  label,
  help,
  error,
  optional,
  hideLabel,
  className,
  options,
  onChange,
  ...rest
}: Props<T>) {
  const id = useId()
  return (
    <Field {...{ id, label, help, error, optional, hideLabel, className }}>
      <div className="relative">
        <select
          {...rest}
          id={id}
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy(id)}
          onChange={(event) => onChange(event.target.value as T)}
          className={clsx(controlClass(Boolean(error)), 'h-10 appearance-none ps-3 pe-9')}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value} className="bg-float text-ink">
              {option.label}
            </option>
          ))}
        </select>
        <ChevronDown
          size={16}
          aria-hidden
          className="pointer-events-none absolute inset-y-0 end-3 my-auto text-quiet"
        />
      </div>
    </Field>
  )
}
