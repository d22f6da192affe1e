'use client'

import { useFormatter } from 'use-intl'
import { LOCALE } from '@/lib/locale'
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

const clock = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit' })

/** Hours and minutes as the language of the interface writes them. */
export function clockTime(date: Date, short = false): string {
  if (!short) return clock.format(date)
  return clock
    .formatToParts(date)
    .filter((part) => part.type !== 'dayPeriod')
    .map((part) => part.value)
    .join('')
    .trim()
}
