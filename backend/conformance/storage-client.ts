import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { createClient } from '@supabase/supabase-js'
import WebSocket from 'ws'
import { createStorage } from '../storage/service'
import { startTestServer, type TestServerOptions } from '../testing/server'
import { personToken } from './rest-client'

/** A storage service over the buckets and policies of `fixtures/storage`, and the ways to ask it. */
export type World = Awaited<ReturnType<typeof startWorld>>

/** Starts a server of its own: Ada and Grace own folders named after their ids; a folder of a team is shared. */
export async function startWorld(options: TestServerOptions = {}) {
  const migrationsDir = fileURLToPath(new URL('fixtures/storage', import.meta.url))
  const server = await startTestServer({
    migrationsDir,
    services: [createStorage],
    logLevel: process.env.TEST_LOG ?? 'silent',
    ...options,
  })
  const people = { ada: await person(), grace: await person() }

  async function person() {
    const id = randomUUID()
    return { id, token: await personToken(server, id) }
  }
  function client(key: string, token?: string) {
    return createClient(server.url, key, {
      auth: { persistSession: false, autoRefreshToken: false },
      realtime: { transport: WebSocket as never },
      ...(token === undefined ? {} : { accessToken: async () => token }),
    }).storage
  }
  return {
    server,
    people,
    anon: client(server.publishableKey),
    admin: client(server.secretKey),
    ada: client(server.publishableKey, people.ada.token),
    grace: client(server.publishableKey, people.grace.token),
    /** Plain HTTP below `/storage/v1/`, without any key unless `headers` hold one. */
    http: (path: string, init: RequestInit & { duplex?: 'half' } = {}) =>
      fetch(`${server.url}/storage/v1/${path}`, init),
    /** One person more, and the headers that say who asks. */
    async somebody() {
      const { id, token } = await person()
      return { id, headers: { apikey: server.publishableKey, authorization: `Bearer ${token}` } }
    },
    /** Headers that say who asks. */
    as: (who: 'ada' | 'grace') => ({
      apikey: server.publishableKey,
      authorization: `Bearer ${people[who].token}`,
    }),
    stop: () => server.stop(),
  }
}

/** The bytes of a download. */
export async function bytesOf(blob: Blob | null): Promise<Buffer> {
  if (!blob) throw new Error('Nothing was downloaded')
  return Buffer.from(await blob.arrayBuffer())
}
