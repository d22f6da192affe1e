'use client'

import { useFormatter } from 'use-intl'
import { tooltip } from '@/ui/tooltip'

type Props = { time: string; className?: string }

/** "10:42", the whole date on hover. */
export function Clock({ time, className }: Props) {
  const format = useFormatter()
  const date = new Date(time)
  const full = format.dateTime(date, { dateStyle: 'full', timeStyle: 'medium' })
  return (
    <time dateTime={time} className={className} {...tooltip(full)}>
      {format.dateTime(date, { hour: 'numeric', minute: '2-digit' })}
    </time>
  )
}
