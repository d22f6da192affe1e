import { clsx } from 'clsx'
import { tooltip } from './tooltip'

type Props = { children: string; className?: string }

/** Somebody's own words on one line: isolated (right-to-left names), cut with an ellipsis, whole in the tooltip. */
export function Name({ children, className }: Props) {
  return (
    <bdi
      {...tooltip(children, { whenCut: true })}
      className={clsx('block min-w-0 overflow-hidden text-ellipsis whitespace-nowrap', className)}
    >
      {children}
    </bdi>
  )
}
