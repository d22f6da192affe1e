import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { createClient } from '@supabase/supabase-js'
import WebSocket from 'ws'
import { createRest } from '../rest/service'
import { startTestServer, type TestServer, type TestServerOptions } from '../testing/server'
import { signLegacyToken } from '../tokens'

/** A REST service over the fixture world, and the ways to ask it. */
export type World = Awaited<ReturnType<typeof startWorld>>

/** Starts a server of its own with the schema of `fixtures/rest`. */
export async function startWorld(options: TestServerOptions = {}) {
  const migrationsDir = fileURLToPath(new URL('fixtures/rest', import.meta.url))
  const server = await startTestServer({
    migrationsDir,
    services: [createRest],
    logLevel: process.env.TEST_LOG ?? 'silent',
    ...options,
  })
  const ada = { id: randomUUID(), token: '' }
  const grace = { id: randomUUID(), token: '' }
  for (const person of [ada, grace]) person.token = await personToken(server, person.id)
  return {
    server,
    people: { ada, grace },
    anon: client(server, server.publishableKey),
    admin: client(server, server.secretKey),
    ada: client(server, server.publishableKey, ada.token),
    grace: client(server, server.publishableKey, grace.token),
    /** Plain HTTP, with the publishable key unless `headers` say otherwise. */
    http: (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
      fetch(`${server.url}/rest/v1/${path}`, {
        ...init,
        headers: { apikey: server.publishableKey, ...init.headers },
      }),
    stop: () => server.stop(),
  }
}

/** An access token as Auth issues it. */
export function personToken(
  server: TestServer,
  id: string,
  claims: Record<string, unknown> = {},
): Promise<string> {
  const exp = Math.floor(Date.now() / 1000) + 3600
  return signLegacyToken(server.secrets.jwtSecret, {
    sub: id,
    aud: 'authenticated',
    role: 'authenticated',
    exp,
    ...claims,
  })
}

function client(server: TestServer, key: string, token?: string) {
  // biome-ignore lint/suspicious/noExplicitAny: the fixture has no generated types; the version opens newer methods.
  return createClient<any, { PostgrestVersion: '13' }>(server.url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: WebSocket as never },
    ...(token === undefined ? {} : { accessToken: async () => token }),
  })
}
