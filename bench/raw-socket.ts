import { connect, type Socket } from 'node:net'

/** Called for each text frame: its bytes are `bytes.subarray(start, end)`, valid during the call only. */
export type OnText = (bytes: Buffer, start: number, end: number) => void

/** All sockets of the process read into the same bytes: nothing is allocated for a frame that arrives whole. */
const shared = Buffer.allocUnsafe(1 << 18)

const UPGRADE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

/**
 * A WebSocket client that does as little as one can: `ws` spends several times as long on a frame as the server that is
 * measured, so that ten thousand of its sockets would measure themselves.
 */
export class RawSocket {
  onText: OnText = () => {}
  onClose: () => void = () => {}
  private readonly socket: Socket
  /** The beginning of a frame whose end has not arrived. */
  private rest: Buffer | null = null
  private open: (() => void) | null = null

  private constructor(url: URL, localAddress: string) {
    this.socket = connect({
      host: url.hostname,
      port: Number(url.port),
      localAddress,
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (length, bytes) => {
          this.read(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes), length)
          return true
        },
      },
    })
    this.socket.on('close', () => this.onClose())
  }

  /** Connects from an address of its own, for one address has ports for 28,000 sockets only. */
  static connect(address: string, index = 0): Promise<RawSocket> {
    const url = new URL(address)
    const raw = new RawSocket(url, `127.0.0.${2 + (index % 8)}`)
    return new Promise((resolve, reject) => {
      raw.open = () => resolve(raw)
      raw.onClose = () => reject(new Error('closed before it was open'))
      raw.socket.on('error', reject)
      raw.socket.write(`GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n${UPGRADE}`)
    })
  }

  /** One text frame. The mask that a client has to apply may be zero. */
  send(text: string): void {
    const body = Buffer.from(text)
    const wide = body.length > 125
    const head = Buffer.alloc(wide ? 8 : 6)
    head[0] = 0x81
    head[1] = 0x80 | (wide ? 126 : body.length)
    if (wide) head.writeUInt16BE(body.length, 2)
    this.socket.write(Buffer.concat([head, body]))
  }

  destroy(): void {
    this.socket.destroy()
  }

  private read(bytes: Buffer, length: number): void {
    let data = bytes
    let end = length
    if (this.rest) {
      data = Buffer.concat([this.rest, bytes.subarray(0, length)])
      end = data.length
      this.rest = null
    }
    const at = this.open ? this.upgrade(data, end) : 0
    const kept = this.open ? 0 : this.frames(data, at, end)
    if (kept < end) this.rest = Buffer.from(data.subarray(kept, end))
  }

  /** Where the frames begin; still not open when the answer is not whole. */
  private upgrade(data: Buffer, end: number): number {
    const head = data.toString('latin1', 0, end)
    const blank = head.indexOf('\r\n\r\n')
    if (blank < 0) return 0
    if (!head.startsWith('HTTP/1.1 101')) {
      this.socket.destroy(new Error(`refused: ${head}`))
      return end
    }
    const open = this.open
    this.open = null
    open?.()
    return blank + 4
  }

  /** Hands over the whole frames; returns where the unfinished one begins. */
  private frames(data: Buffer, from: number, end: number): number {
    let at = from
    while (at + 2 <= end) {
      const short = (data[at + 1] as number) & 127
      const head = short < 126 ? 2 : short === 126 ? 4 : 10
      if (at + head > end) break
      const length =
        short < 126 ? short : short === 126 ? data.readUInt16BE(at + 2) : data.readUInt32BE(at + 6)
      if (at + head + length > end) break
      const opcode = (data[at] as number) & 15
      if (opcode === 1) this.onText(data, at + head, at + head + length)
      else if (opcode === 8) this.socket.end()
      at += head + length
    }
    return at
  }
}
