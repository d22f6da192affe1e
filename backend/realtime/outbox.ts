import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Frame } from './frame'

/** Up to here copying bytes together costs less than writing them as pieces. */
const COPIED_BYTES = 8_192

/** Where frames are put together, for one socket after the other. */
let desk = Buffer.allocUnsafeSlow(COPIED_BYTES)

/**
 * What one socket still has to be sent. Everything that one tick produces for a socket leaves in one write, and a
 * reader that is too slow is reported instead of being buffered for without end.
 */
export class Outbox {
  private first: Frame | null = null
  /** Further ones: nearly always there are none, and a list takes two hundred bytes. */
  private more: Frame[] | null = null
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

  push(frame: Frame): void {
    if (this.closed) return
    if (this.bytes + this.raw.writableLength > this.maxBytes) {
      this.closed = true
      this.take()
      this.onOverflow()
      return
    }
    this.bytes += frame.length
    if (this.more) this.more.push(frame)
    else if (this.first) this.more = [frame]
    else {
      this.first = frame
      flushSoon(this)
    }
  }

  /** Hands everything to the socket now. */
  flush(): void {
    const { bytes, raw } = this
    const frames = this.take()
    if (frames.length === 0 || raw.destroyed) return
    const [first] = frames
    if (frames.length === 1 && Buffer.isBuffer(first)) raw.write(first)
    else if (bytes <= COPIED_BYTES) writeTogether(raw, frames, bytes)
    else writePieces(raw, frames)
  }

  /** Sends what is there and takes nothing more. */
  end(): void {
    this.flush()
    this.closed = true
  }

  private take(): Frame[] {
    const { first, more } = this
    this.first = null
    this.more = null
    this.bytes = 0
    if (!first) return []
    return more ? [first, ...more] : [first]
  }
}

/** One copy, one system call. */
function writeTogether(raw: Duplex, frames: Frame[], bytes: number): void {
  // What has to wait anyway is as large as it says: a slow reader is held to that, not to a whole desk for each write.
  const idle = raw instanceof Socket && raw.writableLength === 0
  const place = idle ? desk : Buffer.allocUnsafeSlow(bytes)
  let end = 0
  for (const frame of frames)
    end = Buffer.isBuffer(frame) ? end + frame.copy(place, end) : frame.writeTo(place, end)
  raw.write(place.subarray(0, end))
  // The kernel nearly always takes all of it at once: then nobody looks at these bytes any more.
  if (idle && raw.writableLength > 0) desk = Buffer.allocUnsafeSlow(COPIED_BYTES)
}

function writePieces(raw: Duplex, frames: Frame[]): void {
  raw.cork()
  for (const frame of frames) {
    if (Buffer.isBuffer(frame)) raw.write(frame)
    else for (const piece of frame.pieces()) raw.write(piece)
  }
  raw.uncork()
}

/** Sockets written to in one turn: about a millisecond, so that one crowded channel does not hold up all others. */
const PER_TURN = 50

let dirty: Outbox[] = []

function flushSoon(outbox: Outbox): void {
  if (dirty.push(outbox) > 1) return
  setImmediate(() => {
    const boxes = dirty
    dirty = []
    flushInTurns(boxes, 0)
  })
}

function flushInTurns(boxes: Outbox[], from: number): void {
  const end = Math.min(from + PER_TURN, boxes.length)
  for (let i = from; i < end; i++) boxes[i]?.flush()
  if (end < boxes.length) setImmediate(flushInTurns, boxes, end)
}
