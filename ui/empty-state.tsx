import type { ReactNode } from 'react'

type Props = { icon?: ReactNode; title: ReactNode; text?: ReactNode; action?: ReactNode }

/** One sentence, one action, perhaps one small drawing. */
export function EmptyState({ icon, title, text, action }: Props) {
  return (
    <div className="mx-auto grid max-w-96 justify-items-center gap-2 px-6 py-16 text-center">
      {icon && (
        <span className="mb-2 grid size-12 place-items-center rounded-full bg-fill text-quiet" aria-hidden>
          {icon}
        </span>
      )}
      <p className="text-balance font-semibold text-lg">{title}</p>
      {text && <p className="text-balance text-quiet text-base">{text}</p>}
      {action && <div className="mt-3 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  )
}
