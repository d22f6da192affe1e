import { validationFailed } from './auth-error'

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }
/** A century is for ever, and every date can hold it. */
const LONGEST_MS = 100 * 365 * 86_400_000

/** The end of a ban given as GoTrue takes it: `24h`, `1h30m`, `none` lifts it. Undefined when none is given. */
export function bannedUntil(duration: string | null | undefined, now = Date.now()): Date | null | undefined {
  if (!duration) return undefined
  if (duration === 'none') return null
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(duration)) {
    throw validationFailed(`invalid format for ban duration: "${duration}" is not like 24h or 1h30m`)
  }
  let total = 0
  for (const [, amount, unit] of duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0)
  }
  return new Date(now + Math.min(total, LONGEST_MS))
}
