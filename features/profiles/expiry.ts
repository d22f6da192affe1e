export const EXPIRIES = ['never', 'half_hour', 'hour', 'four_hours', 'today', 'week'] as const
export type Expiry = (typeof EXPIRIES)[number]

const MINUTES: Partial<Record<Expiry, number>> = { half_hour: 30, hour: 60, four_hours: 240 }

/** When a status set now ends: at the end of the person's own day, or of their Sunday. */
export function expiresAt(expiry: Expiry, now: Date): Date | null {
  if (expiry === 'never') return null
  const minutes = MINUTES[expiry]
  if (minutes) return new Date(now.getTime() + minutes * 60_000)
  const daysToSunday = expiry === 'week' ? (7 - now.getDay()) % 7 : 0
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + daysToSunday, 23, 59, 59)
}
