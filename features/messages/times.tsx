import { BoundedMap } from '@/lib/bounded-map'
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
  const { whole, minutes, brief } = toldOf(time)
  return (
    <time dateTime={time} className={className} {...tooltip(whole)}>
      {short ? brief : minutes}
    </time>
  )
}

type Told = { whole: string; minutes: string; brief: string }

const clock = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit' })
const calendar = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'full', timeStyle: 'medium' })
/** Times are told again whenever a channel is opened, and to tell one is much of what its row takes. */
const told = new BoundedMap<string, Told>(2_000)

function toldOf(time: string): Told {
  const known = told.get(time)
  if (known) return known
  const date = new Date(time)
  const fresh = { whole: calendar.format(date), minutes: clockTime(date), brief: clockTime(date, true) }
  told.set(time, fresh)
  return fresh
}

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
