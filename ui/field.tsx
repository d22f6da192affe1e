import { clsx } from 'clsx'
import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'

export type FieldTexts = {
  label: string
  help?: ReactNode
  error?: string | null
  optional?: string
  hideLabel?: boolean
}
type Props = FieldTexts & { id: string; children: ReactNode; trailing?: ReactNode; className?: string }

/** What `aria-describedby` of the control points at. */
export const describedBy = (id: string) => `${id}-note`

/** Label above, help below, the error in the place of the help: the line is always there, so nothing moves. */
export function Field({ id, label, help, error, optional, hideLabel, trailing, className, children }: Props) {
  return (
    <div className={clsx('relative grid gap-1.5', className)}>
      <div className={clsx(hideLabel && 'sr-only')}>
        <label htmlFor={id} className="font-medium text-sm">
          {label}
          {optional && <span className="ms-1.5 font-normal text-quiet">{optional}</span>}
        </label>
      </div>
      {children}
      {/* Drawn beside the label, but reached after the control: Tab goes from one field to the next. */}
      {trailing && <div className="absolute end-0 top-0">{trailing}</div>}
      <div id={describedBy(id)} aria-live="polite" className="min-h-4.5 text-quiet text-sm">
        {error ? (
          <span className="flex items-start gap-1.5 text-danger-ink">
            <CircleAlert size={14} className="mt-0.5 shrink-0" aria-hidden />
            <span>{error}</span>
          </span>
        ) : (
          help
        )}
      </div>
    </div>
  )
}

export const controlClass = (wrong: boolean) =>
  clsx(
    'w-full rounded-control border bg-ground text-base text-ink',
    'hover:border-line-hover focus:border-accent focus:outline-2 focus:outline-accent/25 focus:outline-offset-0',
    'disabled:bg-fill disabled:text-quiet',
    // iOS zooms into inputs below 16 px.
    'pointer-coarse:text-[16px]',
    wrong ? 'border-danger' : 'border-line-strong',
  )
