import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { apiPath, createApi, exposeHeaders } from './gateway/api'
import type { Assets } from './gateway/assets'
import { limitConnections, SILENT_PER_ADDRESS } from './gateway/connections'
import { publicOrigin } from './gateway/forwarded'
import { limitPace } from './gateway/pace'
import { frontAway } from './gateway/pages'
import { createProxy, type Target } from './gateway/proxy'
import type { Logger } from './log'
import { mayReadMetrics } from './metrics/endpoint'
import { observeRequest } from './metrics/observe'
import { connectionsWithin } from './open-files'
import type { Service } from './services'
import type { Settings } from './settings'
import { errorCode, StartError } from './start-error'

/** What `/api/health` tells: ready when every part says `ok`. */
export type Health = () => Promise<{ ready: boolean; parts: Record<string, string> }>

/** What the gateway passes requests on to. It may change while it runs. */
export type Routes = {
  /** The services of the embedded backend; undefined while they start. */
  services?: Service[]
  /** Supabase mode: the project whose `/…/v1` paths are passed on to. */
  supabaseOrigin?: string
  /** The front end's own address; undefined while it starts, null when there is none. */
  front?: string | null
  /** Files of the front end that are served without asking it. */
  assets?: Assets
}

/** The server that owns the port. */
export type Gateway = {
  routes: Routes
  /** Takes the port. */
  listen(): Promise<void>
  /** The address on this machine. */
  url(): string
  /** Refuses new work, lets what is under way finish for a moment, and ends. */
  close(graceMilliseconds?: number): Promise<void>
}

type Options = {
  settings: Settings
  log: Logger
  publicKey: () => string | undefined
  health: Health
  /** The text of `/metrics`, as Prometheus reads it. */
  metrics: () => Promise<string>
}

/** Makes the gateway. See docs/architecture.md for who gets which path. */
export function createGateway({ settings, log, publicKey, health, metrics }: Options): Gateway {
  const { trustedProxies, bodyLimit } = settings
  const proxy = createProxy({ trustedProxies, log })
  const upgraded = new Set<Duplex>()
  const routes: Routes = {}
  let served: { services: Service[] | undefined; listener: ReturnType<typeof getRequestListener> } | undefined

  const supabase = (origin: string): Target => ({ origin, ownHost: true, unreachable: supabaseAway })
  const front = (origin: string): Target => ({ origin, unreachable: frontAway })

  function api(request: IncomingMessage, response: ServerResponse, name?: string): void {
    const { services } = routes
    const direct = services?.find((service) => service.handle && service.name === name)
    if (direct?.handle && request.method !== 'OPTIONS') {
      response.setHeader('access-control-allow-origin', '*')
      response.setHeader('access-control-expose-headers', exposedToScripts)
      void direct.handle(request, response)
      return
    }
    if (!served || served.services !== services) {
      const app = createApi({ services, bodyLimit, log })
      served = {
        services,
        listener: getRequestListener((req, env) => app.fetch(req, env), { overrideGlobalObjects: false }),
      }
    }
    void served.listener(request, response)
  }

  async function own(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isRead(request)) {
      response.setHeader('allow', 'GET, HEAD')
      return sendJson(response, 405, { code: 'method_not_allowed', message: 'Use GET here.' })
    }
    if (path === '/metrics') return tellMetrics(request, response)
    if (path === '/api/health/live') return sendJson(response, 200, { status: 'ok' })
    if (path === '/api/health') {
      const { ready, parts } = await health()
      return sendJson(response, ready ? 200 : 503, { status: ready ? 'ok' : 'unavailable', parts })
    }
    const key = publicKey()
    if (!key) return sendJson(response, 503, { code: 'starting', message: 'The server is starting.' })
    const supabaseUrl = settings.supabaseUrl ?? settings.siteUrl ?? publicOrigin(request, trustedProxies)
    // A Supabase project sends mails, by its own means if by no other.
    const mail = Boolean(settings.supabaseUrl ?? settings.smtp)
    sendJson(response, 200, { supabaseUrl, supabaseKey: key, mail })
  }

  async function tellMetrics(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const status = mayReadMetrics(request, settings.metrics)
    if (status === 200) return sendText(response, await metrics())
    if (status === 401) response.setHeader('www-authenticate', 'Bearer')
    const message =
      status === 401
        ? 'Send the METRICS_TOKEN of this server as a bearer token.'
        : 'There is nothing at /metrics. Set METRICS_TOKEN or METRICS_LOOPBACK on the server to open it.'
    sendJson(response, status, { code: status === 401 ? 'unauthorized' : 'not_found', message })
  }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    observe(request, response, log)
    const path = pathOf(request)
    limitPace(request, path)
    const [isApi, name] = apiPath.exec(path) ?? []
    if (isApi) {
      if (routes.supabaseOrigin) void proxy.pass(request, response, supabase(routes.supabaseOrigin))
      else api(request, response, name)
    } else if (ownPaths.has(path)) void own(path, request, response)
    else if (routes.assets?.has(path) && isRead(request)) void routes.assets.serve(request, response, path)
    else if (routes.front) void proxy.pass(request, response, front(routes.front))
    else if (routes.front === null) {
      sendJson(response, 404, { code: 'not_found', message: `There is nothing at ${path.slice(0, 200)}.` })
    } else frontAway(request, response)
  }

  function handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', destroy)
    // Nobody asks for this before the last answer has been read. Behind one that never is, ours would wait as long.
    if (socket.writableLength > 0) {
      socket.destroy()
      return
    }
    const path = pathOf(request)
    const name = apiPath.exec(path)?.[1]
    const service = routes.services?.find((each) => each.name === name && each.upgrade)
    if (service?.upgrade) {
      service.upgrade(request, socket, head)
      return
    }
    const origin = name ? routes.supabaseOrigin : routes.front
    if (!origin) {
      refuseUpgrade(socket, name && !routes.services ? '503 Service Unavailable' : '404 Not Found')
      return
    }
    upgraded.add(socket)
    socket.once('close', () => upgraded.delete(socket))
    proxy.passUpgrade(request, socket, head, name ? supabase(origin) : front(origin))
  }

  const server = createServer(
    // One slow byte at a time must not hold a connection: of bodies `limitPace` sees to that. Long queries travel in the
    // URL.
    {
      ...{ headersTimeout: 10_000, requestTimeout: 0, connectionsCheckingInterval: 1_000 },
      ...{ keepAliveTimeout: 65_000, maxHeaderSize: 32_768 },
    },
    handle,
  )
  server.on('upgrade', handleUpgrade)
  const { connections } = connectionsWithin()
  limitConnections(server, { connections, silentPerAddress: SILENT_PER_ADDRESS, trustedProxies })

  return {
    routes,
    async listen() {
      await new Promise<void>((resolve, reject) => {
        server.once('error', (error) => reject(explainListen(error, settings)))
        const address = { port: settings.port, ...(settings.host ? { host: settings.host } : {}) }
        // After a restart everybody comes at once; what finds the queue full is tried again by the kernel minutes later.
        server.listen({ ...address, backlog: 65_535 }, resolve)
      })
    },
    url() {
      const address = server.address() as AddressInfo | null
      return `http://${localName(settings.host)}:${address?.port ?? settings.port}`
    },
    async close(grace = 5000) {
      if (!server.listening) return
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      for (const socket of upgraded) socket.destroy()
      const timer = setTimeout(() => server.closeAllConnections(), grace)
      await closed
      clearTimeout(timer)
      proxy.close()
    },
  }
}

const exposedToScripts = exposeHeaders.join(',')

const ownPaths = new Set(['/api/health', '/api/health/live', '/api/config', '/metrics'])

/** One function for all connections. */
function destroy(this: Duplex): void {
  this.destroy()
}

const isRead = ({ method }: IncomingMessage) => method === 'GET' || method === 'HEAD'

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/'
}

/** Gives a request its id and one line in the log, without its query: that may hold keys and tokens. */
function observe(request: IncomingMessage, response: ServerResponse, log: Logger): void {
  const started = performance.now()
  const sent = request.headers['x-request-id']
  const id = typeof sent === 'string' && /^[\w-]{8,64}$/.test(sent) ? sent : randomUUID()
  response.setHeader('x-request-id', id)
  response.setHeader('x-content-type-options', 'nosniff')
  response.once('close', () => {
    const milliseconds = performance.now() - started
    const { method = '' } = request
    const { statusCode: status } = response
    observeRequest(method, pathOf(request), status, milliseconds)
    log.debug(
      { id, method, path: pathOf(request), status, milliseconds: Math.round(milliseconds) },
      'request',
    )
  })
}

function sendJson(response: ServerResponse, status: number, body: Record<string, unknown>): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  })
  response.end(response.req.method === 'HEAD' ? undefined : text)
}

function sendText(response: ServerResponse, text: string): void {
  response.writeHead(200, {
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  })
  response.end(response.req.method === 'HEAD' ? undefined : text)
}

function supabaseAway(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('retry-after', '2')
  sendJson(response, 502, {
    code: 'bad_gateway',
    message: 'The configured Supabase project cannot be reached.',
  })
}

/** A client that does not hang up must not keep the connection half open, and so the server from ending. */
function refuseUpgrade(socket: Duplex, status: string): void {
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function explainListen(error: Error, { port, host }: Settings): Error {
  const code = errorCode(error)
  if (code === 'EADDRINUSE')
    return new StartError(`Port ${port} is in use: stop what uses it, or choose another PORT.`)
  if (code === 'EACCES') return new StartError(`Port ${port} needs more rights: choose a PORT above 1023.`)
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new StartError(`HOST ${host} is not an address of this machine: correct it, or leave it unset.`)
  }
  return error
}

/** A name that a browser on this machine can open for the address that is listened on. */
function localName(host: string): string {
  if (['', '0.0.0.0', '::'].includes(host)) return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
