import { randomUUID } from 'node:crypto'
import { createClient, type RealtimeChannel, type SupabaseClient } from '@supabase/supabase-js'
import { afterAll, beforeAll, expect } from 'vitest'
import WebSocket from 'ws'
import { createAuth } from '../auth/service'
import type { Limits } from '../realtime/limits'
import { createRealtime } from '../realtime/service'
import type { Settings } from '../settings'
import { startTestServer, type TestServer } from '../testing/server'
import { signLegacyToken } from '../tokens'

export type Vsn = '1.0.0' | '2.0.0'

export const VERSIONS: Vsn[] = ['1.0.0', '2.0.0']

const fixture = new URL('./fixtures/realtime', import.meta.url).pathname

type WorldOptions = { durable?: boolean; settings?: Partial<Settings> }

/** A backend with Auth, Realtime and the fixture's schema, for the tests of one file. */
export function realtimeWorld(limits: Partial<Limits> = {}, options: WorldOptions = {}) {
  const world = {} as World
  beforeAll(async () => {
    const server = await startTestServer({
      services: [createAuth, (deps) => createRealtime(deps, limits)],
      migrationsDir: fixture,
      ...options,
    })
    Object.assign(world, talkTo(server))
  })
  afterAll(() => world.end())
  return world
}

export type World = ReturnType<typeof talkTo>

function talkTo(server: TestServer) {
  const clients: SupabaseClient[] = []

  function client(vsn: Vsn = '2.0.0', key = server.publishableKey): SupabaseClient {
    const made = createClient(server.url, key, {
      auth: { persistSession: false, autoRefreshToken: false },
      realtime: { transport: WebSocket as never, vsn } as never,
    })
    clients.push(made)
    return made
  }

  async function tokenFor(id: string, claims: Record<string, unknown> = {}): Promise<string> {
    const exp = Math.floor(Date.now() / 1000) + 3600
    return signLegacyToken(server.secrets.jwtSecret, { sub: id, role: 'authenticated', exp, ...claims })
  }

  /** Somebody with a token, in these rooms. */
  async function person(rooms: number[] = [], vsn: Vsn = '2.0.0') {
    const id = randomUUID()
    await enter(id, ...rooms)
    const supabase = client(vsn)
    await supabase.realtime.setAuth(await tokenFor(id))
    return { id, supabase }
  }

  async function enter(id: string, ...rooms: number[]) {
    for (const room of rooms) {
      await server.database.admin`insert into public.room_members (user_id, room_id) values (${id}, ${room})`
    }
  }

  async function leave(id: string, room: number) {
    await server.database.admin`delete from public.room_members where user_id = ${id} and room_id = ${room}`
  }

  return {
    server,
    sql: server.database.admin,
    client,
    tokenFor,
    person,
    enter,
    leave,
    async end() {
      await Promise.all(clients.map((each) => each.removeAllChannels().catch(() => {})))
      for (const each of clients) each.realtime.disconnect()
      await server.stop()
    },
  }
}

/** Subscribes and waits until the server said that everything asked for is on. */
export async function joined(channel: RealtimeChannel): Promise<RealtimeChannel> {
  const wantsChanges = (channel.bindings.postgres_changes?.length ?? 0) > 0
  const changes = new Promise<void>((resolve, reject) => {
    if (!wantsChanges) resolve()
    channel.on('system', {}, (message) => {
      if (message.extension !== 'postgres_changes') return
      if (message.status === 'ok') resolve()
      else reject(new Error(message.message))
    })
  })
  changes.catch(() => {})
  await new Promise<void>((resolve, reject) => {
    channel.subscribe((status, error) => {
      if (status === 'SUBSCRIBED') resolve()
      else if (status !== 'CLOSED') reject(error ?? new Error(status))
    })
  })
  await changes
  return channel
}

/** Everything a channel hears of row changes. */
// biome-ignore lint/suspicious/noExplicitAny: tests look at whatever arrived.
export function collect(): { seen: any[]; add: (value: any) => void } {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const seen: any[] = []
  return { seen, add: (value) => void seen.push(value) }
}

/** Waits until `seen` has this many entries. */
export async function arrived(seen: unknown[], count: number): Promise<void> {
  await expect.poll(() => seen.length).toBe(count)
}
