/** Something between half and one and a half times as long, so that clients which lost a server together do not come back together. */
export const jittered = (ms: number, random = Math.random): number => ms * (0.5 + random())

const STEPS_MS = [1_000, 3_000, 8_000, 15_000]
/** "Service restart" and "try again later": everybody was told in the same moment. */
const TOLD_TO_ALL = new Set([1012, 1013])
const SPREAD_MS = 10_000

/**
 * Milliseconds until the next attempt to connect. `tries` counts from 1, `closedWith` is the code the last socket was
 * closed with. One connection that broke comes back at once; a server that restarts finds its clients spread over ten seconds.
 */
export function reconnectDelay(tries: number, closedWith: number | null, random = Math.random): number {
  if (tries <= 1 && closedWith !== null && TOLD_TO_ALL.has(closedWith)) return 500 + random() * SPREAD_MS
  const step = STEPS_MS[Math.min(Math.max(tries, 1), STEPS_MS.length) - 1] ?? SPREAD_MS
  return 100 + random() * 2 * step
}
