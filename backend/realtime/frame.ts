/** The bytes of a frame: whole, or what only one receiver gets and then what all of them share, and perhaps an end. */
export type Frame = Buffer | readonly Buffer[]

const TEXT = 0x81
const BINARY = 0x82

/**
 * A whole WebSocket frame (RFC 6455) as the server sends it: final, not masked, not compressed. Built here once so
 * that the same bytes go to every socket.
 */
export function frameOf(payload: string | Buffer): Buffer {
  if (typeof payload !== 'string') {
    const [frame, at] = begun(BINARY, payload.length, payload.length)
    payload.copy(frame, at)
    return frame
  }
  const length = Buffer.byteLength(payload)
  const [frame, at] = begun(TEXT, length, length)
  frame.write(payload, at)
  return frame
}

/** Up to here copying bytes together costs less than writing them as pieces. */
export const COPIED_BYTES = 8_192

/**
 * A text frame of what one receiver alone gets and what all get. A large part that all get is not copied: a long message
 * to thousands who each have a topic of their own is kept once. `end`: is of one receiver again.
 */
export function sharedFrame(own: string, shared: Buffer, end = ''): Frame {
  const ownLength = Buffer.byteLength(own)
  const length = ownLength + shared.length + Buffer.byteLength(end)
  const copies = length <= COPIED_BYTES
  const [frame, at] = begun(TEXT, length, copies ? length : ownLength)
  frame.write(own, at)
  if (!copies) return end ? [frame, shared, Buffer.from(end)] : [frame, shared]
  shared.copy(frame, at + ownLength)
  frame.write(end, at + ownLength + shared.length)
  return frame
}

/** A frame of `length` bytes with room for the first `here` of them, and where they begin. */
function begun(opcode: number, length: number, here: number): [frame: Buffer, at: number] {
  const size = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(size + here)
  frame[0] = opcode
  if (size === 2) frame[1] = length
  else if (size === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeUInt32BE(Math.floor(length / 2 ** 32), 2)
    frame.writeUInt32BE(length >>> 0, 6)
  }
  return [frame, size]
}
