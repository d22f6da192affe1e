import type { Duplex } from 'node:stream'
import { COPIED_BYTES, type Frame } from './frame'

/**
 * What one socket still has to be sent. Everything that one tick produces for a socket leaves in one write, and a
 * reader that is too slow is reported instead of being buffered for without end.
 */
export class Outbox {
  /** Frames, each whole or as its two pieces. */
  private pieces: Buffer[] = []
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
      this.pieces = []
      this.onOverflow()
      return
    }
    if (this.pieces.length === 0) flushSoon(this)
    if (Buffer.isBuffer(frame)) this.add(frame)
    else for (const piece of frame) this.add(piece)
  }

  private add(piece: Buffer): void {
    this.pieces.push(piece)
    this.bytes += piece.length
  }

  /** Hands everything to the socket now. */
  flush(): void {
    const { pieces, bytes, raw } = this
    if (pieces.length === 0) return
    this.pieces = []
    this.bytes = 0
    if (raw.destroyed) return
    if (pieces.length === 1 || bytes <= COPIED_BYTES) {
      raw.write(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces, bytes))
      return
    }
    raw.cork()
    for (const piece of pieces) raw.write(piece)
    raw.uncork()
  }

  /** Sends what is there and takes nothing more. */
  end(): void {
    this.flush()
    this.closed = true
  }
}

/** Sockets dealt with in one turn: about a millisecond, so that one crowded channel does not hold up all others. */
export const PER_TURN = 100

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
