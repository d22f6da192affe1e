/** The bytes of a frame: whole, or what only one receiver gets and then what all of them share. */
export type Frame = Buffer | readonly [own: Buffer, shared: Buffer]

const TEXT = 0x81
const BINARY = 0x82

/**
 * A whole WebSocket frame (RFC 6455) as the server sends it: final, not masked, not compressed. Built here once so
 * that the same bytes go to every socket.
 */
export function frameOf(payload: string | Buffer): Buffer {
  return typeof payload === 'string'
    ? withHeader(TEXT, Buffer.from(payload), 0)
    : withHeader(BINARY, payload, 0)
}

/** A text frame whose end is not copied: a large message to thousands who each have a topic of their own is kept once. */
export function sharedFrame(own: Buffer, shared: Buffer): Frame {
  return [withHeader(TEXT, own, shared.length), shared]
}

/** `more`: bytes that belong to the frame and follow elsewhere. */
function withHeader(opcode: number, bytes: Buffer, more: number): Buffer {
  const length = bytes.length + more
  const size = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(size + bytes.length)
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
  bytes.copy(frame, size)
  return frame
}
