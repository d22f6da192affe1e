'use client'

import { useFormatter } from 'use-intl'
import { tooltip } from '@/ui/tooltip'

type Props = {
  time: string
  className?: string
  /** Without AM or PM: there is little room beside the text. */
  short?: boolean
}

/** "10:42" as the person's device writes times, the whole date on hover. */
export function Clock({ time, className, short }: Props) {
  const format = useFormatter()
  const date = new Date(time)
  return (
    <time
      dateTime={time}
      className={className}
      {...tooltip(format.dateTime(date, { dateStyle: 'full', timeStyle: 'medium' }))}
    >
      {clockTime(date, short)}
    </time>
  )
}

const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })

/** Hours and minutes in the way of the device (12 or 24 hours). */
export function clockTime(date: Date, short = false): string {
  if (!short) return clock.format(date)
  return clock
    .formatToParts(date)
    .filter((part) => part.type !== 'dayPeriod')
    .map((part) => part.value)
    .join('')
    .trim()
}
