import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Hono } from 'hono'
import type { Logger } from './log'
import type { Database } from './postgres/database'
import type { Secrets } from './secrets'
import type { Settings } from './settings'
import type { Tokens } from './tokens'

/** What every part of the backend is made from. */
export type Deps = { settings: Settings; secrets: Secrets; tokens: Tokens; database: Database; log: Logger }

/** A part of the backend: how it is reached and its life from start to stop. */
export type Service = {
  /** The first segment of its paths: `auth` serves `/auth/v1/…`. */
  name: string
  // biome-ignore lint/suspicious/noExplicitAny: each service has an environment type of its own.
  app?: Hono<any>
  /** In place of `app`, for a service whose every request must be cheap: Node's own request and response. */
  handle?(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Takes over a connection that asks to become a WebSocket. Its errors are dealt with: it is destroyed then. */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void
  start(): Promise<void>
  /** Says goodbye to clients before the server stops. */
  drain?(): Promise<void>
  stop(): Promise<void>
}

/** Makes a service. */
export type ServiceFactory = (deps: Deps) => Service
