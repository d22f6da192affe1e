import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  request as requestHttp,
  type ServerResponse,
} from 'node:http'
import { request as requestHttps, Agent as SecureAgent } from 'node:https'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Logger } from '../log'
import { errorCode } from '../start-error'
import { endToEndHeaders, forwardedHeaders } from './forwarded'

/** Where requests are passed on to. */
export type Target = {
  origin: string
  /** Send the target's own name as Host, as servers of other owners expect. */
  ownHost?: boolean
  /** Answers when the target cannot be reached. */
  unreachable(request: IncomingMessage, response: ServerResponse): void
}

type Options = { trustedProxies: number; log: Logger }

/** Passes HTTP requests and WebSockets on to another server, byte for byte and without holding them. */
export function createProxy({ trustedProxies, log }: Options) {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 64 })
  const secureAgent = new SecureAgent({ keepAlive: true, maxFreeSockets: 64 })

  function open(
    request: IncomingMessage,
    target: Target,
    headers: NodeJS.Dict<string | string[]>,
    fresh = false,
  ): ClientRequest {
    const { protocol, host, hostname, port } = new URL(target.origin)
    const secure = protocol === 'https:'
    const sent = { ...forwardedHeaders(request, trustedProxies), ...headers }
    if (target.ownHost) sent.host = host
    return (secure ? requestHttps : requestHttp)({
      agent: fresh ? false : secure ? secureAgent : agent,
      ...{ hostname, port, headers: sent, method: request.method, path: request.url },
    })
  }

  /**
   * The head of the answer. The other side may close a kept connection in the very moment in which it is used again;
   * what has no body is then asked once more, on a connection of its own.
   */
  async function ask(request: IncomingMessage, response: ServerResponse, target: Target, fresh = false) {
    const outgoing = open(request, target, framing(request), fresh)
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once('response', resolve)
      outgoing.once('error', reject)
    })
    // A client that goes away must not leave work behind it.
    response.once('close', () => outgoing.destroy())
    if (hasBody(request)) void pipeline(request, outgoing).catch(() => {})
    else outgoing.end()
    try {
      return await answer
    } catch (error) {
      if (!outgoing.reusedSocket || hasBody(request) || response.destroyed) throw error
      return ask(request, response, target, true)
    }
  }

  async function pass(request: IncomingMessage, response: ServerResponse, target: Target): Promise<void> {
    try {
      const incoming = await ask(request, response, target)
      const headers = endToEndHeaders(incoming.headers)
      // Ours has been set for this request already; the target's own would be another request's.
      delete headers['x-request-id']
      response.writeHead(incoming.statusCode ?? 502, headers)
      await pipeline(incoming, response)
    } catch (error) {
      if (response.headersSent || response.destroyed) {
        response.destroy()
        return
      }
      log.warn(
        { code: errorCode(error), origin: target.origin },
        'A server behind the gateway did not answer',
      )
      target.unreachable(request, response)
    }
  }

  function passUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, target: Target): void {
    const outgoing = open(request, target, { connection: 'Upgrade', upgrade: request.headers.upgrade })
    const giveUp = () => socket.destroy()
    socket.once('error', () => outgoing.destroy())
    outgoing.once('error', giveUp)
    outgoing.once('response', (answer) => {
      socket.once('finish', giveUp)
      socket.end(`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\nConnection: close\r\n\r\n`)
      answer.destroy()
    })
    outgoing.once('upgrade', (answer, remote, remoteHead) => {
      const lines = [`HTTP/1.1 101 ${answer.statusMessage}`]
      for (let index = 0; index < answer.rawHeaders.length; index += 2) {
        lines.push(`${answer.rawHeaders[index]}: ${answer.rawHeaders[index + 1]}`)
      }
      socket.write(`${lines.join('\r\n')}\r\n\r\n`)
      if (remoteHead.length > 0) socket.write(remoteHead)
      if (head.length > 0) remote.write(head)
      void pipeline(socket, remote).catch(giveUp)
      void pipeline(remote, socket).catch(giveUp)
    })
    outgoing.end()
  }

  return {
    pass,
    passUpgrade,
    close() {
      agent.destroy()
      secureAgent.destroy()
    },
  }
}

const hasBody = ({ headers }: IncomingMessage) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** How the length of the body is told: as it was told to us. */
function framing({ headers }: IncomingMessage): NodeJS.Dict<string> {
  return headers['transfer-encoding'] ? { 'transfer-encoding': 'chunked' } : {}
}
