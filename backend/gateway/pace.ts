import type { IncomingMessage } from 'node:http'

/** How a body must come in. */
export type Pace = {
  /** Within this time all of it, unless it is a file. */
  deadlineMs: number
  /** Of a file: within each such time at least so many bytes. It may take hours, but not stand still. */
  windowMs: number
  leastBytes: number
}

const defaultPace: Pace = { deadlineMs: 600_000, windowMs: 30_000, leastBytes: 16 * 1024 }

const filePaths = /^\/storage\/v1\/(object|upload)\//

/** Ends the connection of a client that sends its body so slowly that it only holds it. */
export function limitPace(request: IncomingMessage, path: string, pace: Pace = defaultPace): void {
  const { headers, socket } = request
  if (headers['transfer-encoding'] === undefined && !Number(headers['content-length'] ?? 0)) return
  const isFile = filePaths.test(path)
  let seen = socket.bytesRead
  const timer = setInterval(
    () => {
      if (request.complete) return clearInterval(timer)
      const came = socket.bytesRead - seen
      seen = socket.bytesRead
      // What waits here to be read is not the client's delay: the disk's, or the server's behind us.
      const slow = came < pace.leastBytes && request.readableLength === 0
      if (!isFile || slow) socket.destroy()
    },
    isFile ? pace.windowMs : pace.deadlineMs,
  )
  timer.unref()
  request.once('close', () => clearInterval(timer))
}
