import { type ReactNode, useId } from 'react'

type Props = {
  label: string
  help?: ReactNode
  checked: boolean
  disabled?: boolean
  onChange(on: boolean): void
}

export function Switch({ label, help, checked, disabled, onChange }: Props) {
  const id = useId()
  return (
    <label htmlFor={id} className="flex items-start justify-between gap-4">
      <span className="grid">
        <span className="font-medium text-base">{label}</span>
        {help && <span className="text-quiet text-sm">{help}</span>}
      </span>
      <span className="relative mt-0.5 inline-flex shrink-0">
        <input
          id={id}
          type="checkbox"
          role="switch"
          aria-checked={checked}
          checked={checked}
          disabled={disabled}
          onChange={(event) => onChange(event.target.checked)}
          className="peer h-5 w-9 cursor-pointer appearance-none rounded-full bg-line-hover checked:bg-accent disabled:opacity-50"
        />
        <span className="pointer-events-none absolute start-0.5 top-0.5 size-4 rounded-full bg-ground peer-checked:start-4.5" />
      </span>
    </label>
  )
}
