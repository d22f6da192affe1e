/** The bytes of a frame, or what they are made of when they are written. */
export type Frame = Buffer | SharedFrame

const TEXT = 0x81
const BINARY = 0x82
/** First byte, and the longest of a length (RFC 6455). */
const MAX_HEAD = 10

/**
 * A whole WebSocket frame (RFC 6455) as the server sends it: final, not masked, not compressed. Built here once so
 * that the same bytes go to every socket.
 */
export function frameOf(payload: string | Buffer): Buffer {
  const text = typeof payload === 'string'
  const length = text ? Buffer.byteLength(payload) : payload.length
  const frame = Buffer.allocUnsafe(headSize(length) + length)
  const at = writeHead(frame, 0, text ? TEXT : BINARY, length)
  if (text) frame.write(payload, at)
  else payload.copy(frame, at)
  return frame
}

/**
 * A text frame of what one receiver alone gets (`own`, `end`) and what all get. Its bytes exist only while it is
 * written: thousands of receivers with a topic of their own would make as many copies, which last until the next full
 * collection of garbage.
 */
export class SharedFrame {
  readonly own: string
  readonly shared: Buffer
  readonly end: string
  /** Of the whole frame, in bytes. */
  readonly length: number
  private readonly payload: number

  constructor(own: string, shared: Buffer, end = '') {
    this.own = own
    this.shared = shared
    this.end = end
    this.payload = Buffer.byteLength(own) + shared.length + Buffer.byteLength(end)
    this.length = headSize(this.payload) + this.payload
  }

  /** Writes the whole frame and returns where it ends. */
  writeTo(bytes: Buffer, at: number): number {
    const begin = this.writeOwn(bytes, at)
    this.shared.copy(bytes, begin)
    return begin + this.shared.length + bytes.write(this.end, begin + this.shared.length)
  }

  /** The frame without a copy of what is shared. */
  pieces(): Buffer[] {
    const own = Buffer.allocUnsafe(MAX_HEAD + Buffer.byteLength(this.own))
    const begin = own.subarray(0, this.writeOwn(own, 0))
    return this.end ? [begin, this.shared, Buffer.from(this.end)] : [begin, this.shared]
  }

  private writeOwn(bytes: Buffer, at: number): number {
    const begin = writeHead(bytes, at, TEXT, this.payload)
    return begin + bytes.write(this.own, begin)
  }
}

const headSize = (length: number) => (length < 126 ? 2 : length < 65_536 ? 4 : MAX_HEAD)

/** Returns where the payload begins. */
function writeHead(bytes: Buffer, at: number, opcode: number, length: number): number {
  bytes[at] = opcode
  const size = headSize(length)
  if (size === 2) bytes[at + 1] = length
  else if (size === 4) {
    bytes[at + 1] = 126
    bytes.writeUInt16BE(length, at + 2)
  } else {
    bytes[at + 1] = 127
    bytes.writeUInt32BE(Math.floor(length / 2 ** 32), at + 2)
    bytes.writeUInt32BE(length >>> 0, at + 6)
  }
  return at + size
}
