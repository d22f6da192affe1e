import { WebSocket } from 'ws'

/** Who is told what arrives on a connection. */
type Session = {
  read(data: Buffer, binary: boolean): void
  mayRead(bytes: number): boolean
  failed(error: Error): void
  ended(): void
}

/** ws's connection, which knows whose it is: one function listens to all, where each would have several of its own. */
export class Client extends WebSocket {
  session: Session | null = null
}

/** Tells a session what arrives. */
export function listen(client: Client, session: Session): void {
  client.session = session
  client.on('message', onMessage)
  // ws answers it, and ends a connection on which its answers pile up.
  client.on('ping', onControl)
  client.on('pong', onControl)
  // ws reports a broken frame here and closes the connection with the right code by itself.
  client.on('error', onError)
  client.on('close', onClose)
}

const sessionOf = (client: WebSocket) => (client instanceof Client ? client.session : null)

function onMessage(this: WebSocket, data: Buffer, binary: boolean): void {
  sessionOf(this)?.read(data, binary)
}

function onControl(this: WebSocket, data: Buffer): void {
  sessionOf(this)?.mayRead(data.length)
}

function onError(this: WebSocket, error: Error): void {
  sessionOf(this)?.failed(error)
}

function onClose(this: WebSocket): void {
  sessionOf(this)?.ended()
}
