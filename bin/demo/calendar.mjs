const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const formats = new Map()

/** How far a zone's clock is ahead of UTC at a moment, in milliseconds. */
function offset(zone, at) {
  if (!formats.has(zone)) {
    formats.set(
      zone,
      new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }),
    )
  }
  const part = Object.fromEntries(
    formats
      .get(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const local = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second)
  return local - Math.floor(at / 1000) * 1000
}

/** The hour of the day (0 to 24) on the wall of a zone. */
export function localHour(zone, at) {
  return ((at + offset(zone, at)) % DAY) / HOUR
}

/** Whether somebody there would answer: awake, and not on a Sunday. */
export function isAround(zone, at) {
  const hour = localHour(zone, at)
  return hour >= 7.5 && hour < 21.5
}

/** The moment of an hour of the day, so many days before `now`, in a zone; null at a weekend there. */
export function workingMoment(zone, now, daysAgo, hour) {
  const midnight = Math.floor((now + offset(zone, now)) / DAY) * DAY - daysAgo * DAY
  const weekday = new Date(midnight).getUTCDay()
  if (weekday === 0 || weekday === 6) return null
  const at = midnight + hour * HOUR
  return at - offset(zone, at)
}

export { DAY, HOUR, MINUTE }
