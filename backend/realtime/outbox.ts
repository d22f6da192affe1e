import type { Duplex } from 'node:stream'

/**
 * What one socket still has to be sent. Everything that one tick produces for a socket leaves in one write, and a
 * reader that is too slow is reported instead of being buffered for without end.
 */
export class Outbox {
  private frames: Buffer[] = []
  private bytes = 0
  private closed = false
  private readonly raw: Duplex
  private readonly maxBytes: number
  private readonly onOverflow: () => void

  constructor(raw: Duplex, maxBytes: number, onOverflow: () => void) {
    this.raw = raw
    this.maxBytes = maxBytes
    this.onOverflow = onOverflow
  }

  push(frame: Buffer): void {
    if (this.closed) return
    if (this.bytes + this.raw.writableLength > this.maxBytes) {
      this.closed = true
      this.frames = []
      this.onOverflow()
      return
    }
    this.frames.push(frame)
    this.bytes += frame.length
    if (this.frames.length === 1) flushSoon(this)
  }

  /** Hands everything to the socket now. */
  flush(): void {
    const { frames, raw } = this
    if (frames.length === 0) return
    this.frames = []
    this.bytes = 0
    if (raw.destroyed) return
    if (frames.length === 1) {
      raw.write(frames[0])
      return
    }
    raw.cork()
    for (const frame of frames) raw.write(frame)
    raw.uncork()
  }

  /** Sends what is there and takes nothing more. */
  end(): void {
    this.flush()
    this.closed = true
  }
}

let dirty: Outbox[] = []

function flushSoon(outbox: Outbox): void {
  if (dirty.push(outbox) > 1) return
  setImmediate(() => {
    const boxes = dirty
    dirty = []
    for (const box of boxes) box.flush()
  })
}
