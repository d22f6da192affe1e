/** Runs something while the page has nothing else to do, after `timeout` ms at the latest. Returns how to take that back. */
export function whenIdle(run: () => void, timeout: number): () => void {
  // Safari knows no idle callbacks.
  if (!('requestIdleCallback' in window)) {
    const timer = setTimeout(run)
    return () => clearTimeout(timer)
  }
  const handle = requestIdleCallback(run, { timeout })
  return () => cancelIdleCallback(handle)
}
