const held = new Map<string, Promise<unknown>>()

/**
 * Runs `work` while no other tab of this browser does so under the same name. Web Locks exist only on secure origins;
 * without them the lock holds within this tab, and whoever relies on it must be idempotent across tabs.
 */
export function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = typeof navigator === 'undefined' ? undefined : navigator.locks
  if (locks) return locks.request(name, work) as Promise<T>
  const run = (held.get(name) ?? Promise.resolve()).then(work, work)
  held.set(name, run)
  return run
}
