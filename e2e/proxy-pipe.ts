import type { Socket } from 'node:net'

const DRIP_EVERY_MS = 5
/** More than this waiting, and the sender is made to wait as well. */
const FULL_BYTES = 1 << 20

export type Pipe = ReturnType<typeof createPipe>

/** One direction of a connection. Whatever happens to its bytes, those that arrive arrive in order. */
export function createPipe(from: Socket, to: Socket) {
  const waiting: { bytes: Buffer; at: number }[] = []
  let size = 0
  let delayMs = 0
  let dripBytes = 0
  let held = false
  let swallowing = false
  let onTear: (() => void) | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  from.setNoDelay(true)
  from.on('data', (bytes: Buffer) => {
    if (swallowing) return
    if (onTear) {
      // What a broken line has delivered is a beginning: it has no hole, neither before these bytes nor after them.
      if (waiting.length === 0) to.write(bytes.subarray(0, bytes.length >> 1))
      swallow()
      return void setImmediate(onTear)
    }
    const last = waiting.at(-1)?.at ?? 0
    waiting.push({ bytes, at: Math.max(last, Date.now() + delayMs) })
    size += bytes.length
    if (size > FULL_BYTES) from.pause()
    if (!timer) flush()
  })
  to.once('close', () => clearTimeout(timer))

  function flush() {
    timer = undefined
    for (let next = waiting[0]; next && !held && to.writable; next = waiting[0]) {
      const wait = next.at - Date.now()
      if (wait > 0) return plan(wait)
      const { bytes } = next
      const part = dripBytes ? bytes.subarray(0, dripBytes) : bytes
      to.write(part)
      size -= part.length
      if (size <= FULL_BYTES) from.resume()
      if (part.length === bytes.length) waiting.shift()
      else next.bytes = bytes.subarray(part.length)
      if (dripBytes) return plan(DRIP_EVERY_MS)
    }
  }

  function plan(wait: number) {
    timer = setTimeout(flush, wait)
  }

  function swallow() {
    swallowing = true
    waiting.length = 0
  }

  return {
    slow(how: { delayMs: number; dripBytes: number }) {
      delayMs = how.delayMs
      dripBytes = how.dripBytes
    },
    hold(on: boolean) {
      if (held === on) return
      held = on
      if (!held && !timer) flush()
    },
    /** From now on every byte is lost; there is no way back. */
    swallow,
    swallows: () => swallowing,
    /** Nothing is done to what comes next but what slowness does. */
    flows: () => !held && !swallowing && !onTear,
    tear(then: (() => void) | null) {
      onTear = then
    },
  }
}
