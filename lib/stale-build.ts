/** A page begins anew at most once in this time: where that did not help, it would not help again. */
const ONCE_IN_MS = 60_000
/** In sessionStorage: when this tab began anew for want of code, in milliseconds. */
const KEY = 'began-anew'

/** Whether this is the bundler's word for a piece of code that could not be loaded. */
export const isMissingCode = (error: unknown) => error instanceof Error && error.name === 'ChunkLoadError'

/**
 * After a piece of code could not be loaded: where the server answers, it serves another build than the one this page came
 * from, and the page begins anew. Never resolves then. Resolves with whether the server answered.
 */
export async function leaveStaleBuild(): Promise<boolean> {
  const answered = await fetch('/api/config', { cache: 'no-store' }).then(
    ({ ok }) => ok,
    () => false,
  )
  if (!answered || !mayBeginAnew()) return answered
  window.location.reload()
  return new Promise(() => {})
}

function mayBeginAnew(): boolean {
  try {
    const last = Number(sessionStorage.getItem(KEY) ?? 0)
    if (Date.now() - last < ONCE_IN_MS) return false
    sessionStorage.setItem(KEY, String(Date.now()))
    return true
  } catch {
    // What cannot be counted could go on for ever.
    return false
  }
}
