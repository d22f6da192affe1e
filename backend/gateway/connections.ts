import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { addressKey, clientAddress } from '../rate-limit'
import { Quota } from '../realtime/rates'

type Options = {
  /** All that may stand at once; one more is closed as soon as it is opened. */
  connections: number
  /** Of one address: those that have not asked for anything yet. */
  silentPerAddress: number
  /** Behind a proxy all come from its address, and it waits for heads itself. */
  trustedProxies: number
}

/** At most so many of one address say nothing; a crowd behind one address has said something within a turn or two. */
export const SILENT_PER_ADDRESS = 2_000

/** Bounds what connections cost before anybody knows whose they are. How long they may be silent is the server's `headersTimeout`. */
export function limitConnections(server: Server, options: Options): void {
  const { connections, silentPerAddress, trustedProxies } = options
  if (Number.isFinite(connections)) server.maxConnections = connections
  if (trustedProxies > 0) return
  // One caller cannot take what all may have.
  const silent = new Quota(Math.min(silentPerAddress, Math.floor(connections / 4)))
  const arrivals = new WeakMap<Socket, () => void>()
  server.on('connection', (socket: Socket) => {
    const address = addressKey(clientAddress(socket.remoteAddress, null, 0))
    if (!silent.take(address)) {
      socket.destroy()
      return
    }
    // Of those who have said something nothing is kept: ten thousand sockets stay for hours.
    const arrived = () => {
      silent.giveBack(address)
      arrivals.delete(socket)
      socket.off('close', arrived)
    }
    arrivals.set(socket, arrived)
    socket.once('close', arrived)
  })
  for (const event of ['request', 'upgrade']) {
    server.prependListener(event, ({ socket }: { socket: Socket }) => arrivals.get(socket)?.())
  }
}
