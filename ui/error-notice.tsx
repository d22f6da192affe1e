import { clsx } from 'clsx'
import { CircleAlert, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'

type Props = { children: ReactNode; action?: ReactNode; tone?: 'danger' | 'warning'; className?: string }

/** What happened and what to do, in the place where the person acted. */
export function ErrorNotice({ children, action, tone = 'danger', className }: Props) {
  const Icon = tone === 'danger' ? CircleAlert : TriangleAlert
  return (
    <div
      role="alert"
      className={clsx(
        'flex gap-2 rounded-control border px-3 py-2 text-sm',
        action ? 'items-center' : 'items-start',
        tone === 'danger'
          ? 'border-danger-line bg-danger-fill text-danger-ink'
          : 'border-warning-line bg-warning-fill text-warning-ink',
        className,
      )}
    >
      <Icon size={16} className={clsx('shrink-0', !action && 'mt-px')} aria-hidden />
      <span className="min-w-0 flex-1 break-words">{children}</span>
      {action}
    </div>
  )
}
