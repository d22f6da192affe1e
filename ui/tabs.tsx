import { clsx } from 'clsx'
import { type KeyboardEvent, type ReactNode, useId } from 'react'

type Tab<T extends string> = { value: T; label: string; count?: number }
type Props<T extends string> = {
  label: string
  value: T
  tabs: Tab<NoInfer<T>>[]
  onChange(value: NoInfer<T>): void
  children: ReactNode
}

/** Tabs with arrow keys; `children` is the panel of the chosen one. */
export function Tabs<T extends string>({ label, value, tabs, onChange, children }: Props<T>) {
  const id = useId()
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (!step) return
    event.preventDefault()
    const index = tabs.findIndex((tab) => tab.value === value)
    const next = tabs[(index + step + tabs.length) % tabs.length]
    if (!next) return
    onChange(next.value)
    event.currentTarget.querySelector<HTMLElement>(`[data-value="${next.value}"]`)?.focus()
  }
  return (
    <>
      <div role="tablist" aria-label={label} onKeyDown={move} className="flex gap-4 border-b">
        {tabs.map((tab) => (
          <button
            key={tab.value}
            type="button"
            role="tab"
            id={`${id}-${tab.value}`}
            data-value={tab.value}
            aria-selected={tab.value === value}
            aria-controls={`${id}-panel`}
            tabIndex={tab.value === value ? 0 : -1}
            onClick={() => onChange(tab.value)}
            className={clsx(
              '-mb-px h-10 border-b-2 font-medium text-nav',
              tab.value === value ? 'border-accent text-ink' : 'border-transparent text-quiet hover:text-ink',
            )}
          >
            {tab.label}
            {tab.count !== undefined && (
              <span className="ms-1.5 font-normal text-quiet" data-figures>
                {tab.count}
              </span>
            )}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${value}`}>
        {children}
      </div>
    </>
  )
}
