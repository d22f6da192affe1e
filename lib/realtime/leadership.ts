export type Leadership = {
  /** Takes the lead from a tab that holds it and does not do its work. */
  steal(): void
  stop(): void
}

/**
 * One tab of this browser leads, the others wait in line: a Web Lock, which the browser passes on when its holder
 * closes or crashes. `lead` runs when the lead is here and returns how to step down; `taken` says that another tab has
 * it already.
 */
export function seekLeadership(
  name: string,
  lead: () => (taken: boolean) => void,
  locks: Pick<LockManager, 'request'> = navigator.locks,
): Leadership {
  let stopped = false
  let leading = false
  let leave = () => {}

  function seek(steal: boolean) {
    const waiting = new AbortController()
    let stepDown: ((taken: boolean) => void) | undefined
    leave = () => waiting.abort()
    const held = () => {
      if (stopped) return
      leading = true
      stepDown = lead()
      return new Promise<void>((resolve) => {
        leave = resolve
      })
    }
    const over = (taken: boolean) => {
      if (!stepDown) return
      leading = false
      stepDown(taken)
      if (!stopped) seek(false)
    }
    locks
      .request(name, steal ? { steal } : { signal: waiting.signal }, held)
      .then(() => over(false))
      // Stolen, or no longer waiting.
      .catch(() => over(true))
  }

  seek(false)
  return {
    steal() {
      if (leading || stopped) return
      leave()
      seek(true)
    },
    stop() {
      stopped = true
      leave()
    },
  }
}
