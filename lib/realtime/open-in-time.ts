/** Chrome waits four minutes for the answer to a socket's handshake. */
const OPEN_MS = 20_000

/**
 * Gives up a socket that does not open: on a connection that lost its way the handshake is never answered, and whoever
 * waits for its `close` to connect again would wait as long.
 */
export function openInTime(socket: WebSocket): void {
  const limit = setTimeout(() => socket.close(), OPEN_MS)
  const settled = () => clearTimeout(limit)
  socket.addEventListener('open', settled)
  socket.addEventListener('close', settled)
}
