/** From its first moment up to, not including, the first moment after it. */
export type Period = { start: Date; end: Date }

/** A day, a month or a year on the device's own clock: `2026-03-01`, `2026-03`, `2026`, `today`, `yesterday`. */
export function periodOf(value: string, now: Date): Period | null {
  const [year, month, day] = [now.getFullYear(), now.getMonth(), now.getDate()]
  if (value === 'today') return between(year, month, day, 'day')
  if (value === 'yesterday') return between(year, month, day - 1, 'day')
  const written = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(value)
  if (!written) return null
  const [, y, m, d] = written
  const period = between(
    Number(y),
    m ? Number(m) - 1 : 0,
    d ? Number(d) : 1,
    d ? 'day' : m ? 'month' : 'year',
  )
  // A thirtieth of February would be a day in March.
  const same =
    period.start.getMonth() === (m ? Number(m) - 1 : 0) && period.start.getDate() === (d ? Number(d) : 1)
  return same && Number(y) >= 1970 ? period : null
}

function between(year: number, month: number, day: number, unit: 'day' | 'month' | 'year'): Period {
  const end =
    unit === 'day'
      ? new Date(year, month, day + 1)
      : unit === 'month'
        ? new Date(year, month + 1, 1)
        : new Date(year + 1, 0, 1)
  return { start: new Date(year, month, day), end }
}
