'use client'

import { useFormatter, useTranslations } from 'use-intl'

/** A centred date on a hairline. */
export function DayDivider({ day }: { day: string }) {
  const t = useTranslations('messages')
  const format = useFormatter()
  const date = new Date(`${day}T12:00:00`)
  const today = new Date()
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1)
  const label = sameDay(date, today)
    ? t('today')
    : sameDay(date, yesterday)
      ? t('yesterday')
      : format.dateTime(date, {
          weekday: 'long',
          day: 'numeric',
          month: 'long',
          year: date.getFullYear() === today.getFullYear() ? undefined : 'numeric',
        })
  return (
    <div className="flex items-center gap-3 px-3 pt-5 pb-2 md:px-5">
      <span className="h-px flex-1 bg-line" />
      <time dateTime={day} className="font-medium text-quiet text-xs">
        {label}
      </time>
      <span className="h-px flex-1 bg-line" />
    </div>
  )
}

/** What is below has not been read. */
export function NewDivider() {
  const t = useTranslations('messages')
  return (
    <div className="flex items-center gap-2 px-3 pt-2 pb-1 text-accent-ink md:px-5">
      <span className="h-px flex-1 bg-accent" />
      <span className="font-semibold text-xs">{t('new')}</span>
    </div>
  )
}

const sameDay = (a: Date, b: Date) => a.toDateString() === b.toDateString()
