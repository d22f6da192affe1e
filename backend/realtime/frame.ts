/**
 * A whole WebSocket frame (RFC 6455) as the server sends it: final, not masked, not compressed. Built here once so
 * that the same bytes go to every socket.
 */
export function frameOf(payload: string | Buffer): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload) : payload
  const opcode = typeof payload === 'string' ? 0x81 : 0x82
  const length = body.length
  if (length < 126) return Buffer.concat([Buffer.from([opcode, length]), body])
  const header = Buffer.alloc(length < 65_536 ? 4 : 10)
  header[0] = opcode
  if (length < 65_536) {
    header[1] = 126
    header.writeUInt16BE(length, 2)
  } else {
    header[1] = 127
    header.writeUInt32BE(Math.floor(length / 2 ** 32), 2)
    header.writeUInt32BE(length >>> 0, 6)
  }
  return Buffer.concat([header, body])
}
