import type { Product } from '../product'
import type { Victim } from './plan'

/** Kills, and brings back what went down as a whole. What can come back by itself has to. */
export function createKiller(product: Product) {
  const kills: Record<string, number> = {}
  const slowest: Record<string, number> = {}
  let recovering: Promise<void> | null = null

  async function bringBack(victim: Victim): Promise<void> {
    const began = performance.now()
    // Killed again while it starts, it is started again; what is left of the one before has ended by then.
    for (let attempt = 1; ; attempt++) {
      try {
        await product.recover()
        break
      } catch (error) {
        if (attempt === 10) throw error
      }
    }
    slowest[victim] = Math.max(slowest[victim] ?? 0, Math.round(performance.now() - began))
  }

  return {
    kills,
    total: () => Object.values(kills).reduce((sum, count) => sum + count, 0),
    /** By what was killed: the longest until the product was up again, in ms. */
    slowestRecoveryMs: slowest,
    /** Resolves when the signal was sent; false when there is nothing to kill, because an earlier kill took it along. */
    async kill(victim: Victim, pick: number): Promise<boolean> {
      try {
        if (product.exited()) return false
        if (victim === 'everything') await product.killEverything()
        else await product.kill(victim, pick)
      } catch {
        return false
      }
      kills[victim] = (kills[victim] ?? 0) + 1
      recovering = (recovering ?? Promise.resolve()).then(() => bringBack(victim))
      // Whoever waits for it hears of a failure; until then nobody does.
      recovering.catch(() => {})
      return true
    },
    /** Resolves when the product is up after everything that was done to it. */
    async recovered(): Promise<void> {
      await recovering
    },
  }
}
