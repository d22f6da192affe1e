import type { WebSocket } from 'ws'
import type { Person } from './job'
import { openSocket, openSockets } from './receivers'
import { subscribe } from './subscriber'

type Options = { sockets: number } & ({ url: string; key: string; people: Person[] } | { port: number })

/** Opens sockets that say nothing and keeps them until the process is told to stop. */
export async function idleSockets(options: Options): Promise<{ open: number }> {
  const connect = (index: number): Promise<WebSocket> => {
    if ('port' in options) return openSocket(`ws://127.0.0.1:${options.port}/hear/all`)
    const { url, key, people } = options
    return subscribe({ url, key, token: people[index % people.length]?.token as string })
  }
  const sockets = await openSockets(options.sockets, connect)
  return { open: sockets.length }
}
