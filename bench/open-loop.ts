const MILLISECOND = 1_000_000n

/** Nanoseconds of the machine's monotonic clock: the same clock in every process of the machine. */
export const now = () => process.hrtime.bigint()
export const millisecondsSince = (from: bigint) => Number(now() - from) / 1e6

/**
 * Starts one action per interval at times fixed beforehand, however slow the answers are. Latency is then counted
 * from the time an action should have started, so a server that stalls cannot hide the sends it held up
 * (coordinated omission). Returns how late the generator itself was, in milliseconds.
 */
export function openLoop(options: {
  perSecond: number
  seconds: number
  act: (index: number, scheduled: bigint) => void
}): Promise<number[]> {
  const total = Math.round(options.perSecond * options.seconds)
  const interval = 1e9 / options.perSecond
  const start = now() + 20n * MILLISECOND
  const lateness: number[] = []
  let index = 0
  return new Promise((resolve) => {
    const tick = () => {
      for (;;) {
        if (index === total) return resolve(lateness)
        const due = start + BigInt(Math.round(index * interval))
        const wait = due - now()
        if (wait > 0n) return void setTimeout(tick, Number(wait / MILLISECOND))
        lateness.push(Number(-wait) / 1e6)
        options.act(index++, due)
      }
    }
    tick()
  })
}
