'use client'

import { useEffect, useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'

const MINUTE_MS = 60_000

function isKnown(zone: string) {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }))
  } catch {
    return false
  }
}

/** What the clock shows where the person is. */
export function LocalTime({ zone }: { zone: string }) {
  const t = useTranslations('profiles')
  const format = useFormatter()
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), MINUTE_MS)
    return () => clearInterval(timer)
  }, [])
  if (!isKnown(zone)) return null
  const time = format.dateTime(now, { hour: '2-digit', minute: '2-digit', timeZone: zone })
  return <time>{t('localTime', { time, zone: zone.replaceAll('_', ' ') })}</time>
}
