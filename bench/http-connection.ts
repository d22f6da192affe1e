import { connect, type Socket } from 'node:net'

export type Answer = { status: number; body: string }

/**
 * One keep-alive HTTP/1.1 connection with one request in flight. `fetch` costs more processor time per request than
 * the server under test; on two shared cores a generator like that would measure itself.
 */
export async function openConnection(url: string, headers: Record<string, string>) {
  const { hostname, port } = new URL(url)
  const socket: Socket = connect(Number(port), hostname).setNoDelay(true)
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  const fixed = Object.entries({ host: `${hostname}:${port}`, ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
  let received = ''
  let wanted = 0
  let pending: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined

  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    received = received === '' ? chunk : received + chunk
    if (received.length < wanted) return
    const answer = parse(received)
    if (typeof answer === 'number') wanted = answer
    if (!answer || typeof answer === 'number' || !pending) return
    wanted = 0
    const { resolve } = pending
    pending = undefined
    received = ''
    resolve(answer)
  })
  socket.on('close', () => pending?.reject(new Error('connection closed')))
  socket.on('error', (error) => pending?.reject(error))

  return {
    /** POST when there is a body, else GET. `more` are header lines of this request, each with its line end. */
    send(path: string, body?: string, more = ''): Promise<Answer> {
      return new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error('connection closed'))
        pending = { resolve, reject }
        if (body === undefined) socket.write(`GET ${path} HTTP/1.1\r\n${fixed}${more}\r\n`)
        else
          socket.write(
            `POST ${path} HTTP/1.1\r\n${fixed}${more}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
          )
      })
    },
    close: () => socket.destroy(),
  }
}

/** A whole answer; nothing while bytes are missing, or how many there have to be. */
function parse(text: string): Answer | number | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = text.slice(0, end).toLowerCase()
  const status = Number(text.slice(9, 12))
  const rest = text.slice(end + 4)
  const length = /content-length: (\d+)/.exec(head)?.[1]
  if (length !== undefined)
    return rest.length >= Number(length) ? { status, body: rest } : end + 4 + Number(length)
  if (head.includes('transfer-encoding: chunked')) {
    return rest.endsWith('0\r\n\r\n') ? { status, body: rest } : undefined
  }
  return { status, body: rest }
}
