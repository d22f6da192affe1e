import type { IncomingMessage, ServerResponse } from 'node:http'

/** As long as Nginx, too, reads on from a client that it has answered. */
const LONGEST_MS = 30_000

/**
 * Reads what a client still sends after it was answered, and throws it away. Closed at once the connection would be reset, and
 * whoever is in the middle of sending, a proxy too, would see a broken line instead of the answer.
 */
export function linger(request: IncomingMessage, response: ServerResponse, longestMs = LONGEST_MS): void {
  // Before Node's own listener, which closes the connection where the answer says so.
  response.prependOnceListener('finish', () => {
    if (request.complete || request.destroyed) return
    const { socket } = request
    let isLast = false
    socket.destroySoon = () => {
      isLast = true
      socket.end()
    }
    const over = () => {
      clearTimeout(limit)
      request.off('end', over).off('close', over)
      Reflect.deleteProperty(socket, 'destroySoon')
      if (isLast) socket.destroySoon()
    }
    const limit = setTimeout(() => {
      isLast = true
      over()
    }, longestMs)
    limit.unref()
    request.once('end', over).once('close', over)
    // Whoever was reading takes no more, and would hold it back.
    request.unpipe()
    request.removeAllListeners('data').removeAllListeners('readable').resume()
  })
}
