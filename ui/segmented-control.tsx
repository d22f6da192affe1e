import { clsx } from 'clsx'
import { type ReactNode, useId } from 'react'

type Option<T extends string> = { value: T; label: string; icon?: ReactNode }
type Props<T extends string> = {
  label: string
  value: T
  options: Option<NoInfer<T>>[]
  onChange(value: NoInfer<T>): void
  className?: string
}

/** One of a few, all visible. Radio buttons underneath, so arrows and screen readers know it. */
export function SegmentedControl<T extends string>({ label, value, options, onChange, className }: Props<T>) {
  const name = useId()
  return (
    <fieldset className={clsx('inline-flex rounded-control bg-hover p-0.5', className)}>
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          className={clsx(
            'flex h-7 flex-1 cursor-pointer select-none items-center justify-center gap-1.5 rounded-[5px] px-3 font-medium text-sm',
            'has-focus-visible:outline-2 has-focus-visible:outline-accent',
            option.value === value
              ? 'bg-ground text-ink shadow-[0_1px_2px_var(--shadow-color)]'
              : 'text-soft hover:text-ink',
          )}
        >
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            className="sr-only"
          />
          {option.icon}
          {option.label}
        </label>
      ))}
    </fieldset>
  )
}
