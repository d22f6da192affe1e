import { randomUUID } from 'node:crypto'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { startTestServer, type TestServer } from '../testing/server'
import { joined } from './realtime-client'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

/** The published tables of the product and what of them the other client is told, by event. */
type Seen = { table: string; eventType: string; new: Record<string, unknown>; old: Record<string, unknown> }

test('B14: what an event tells of a row is what REST tells the same person, field by field and value by value', async () => {
  const signUp = async (name: string) => {
    const client = createClient(server.url, server.publishableKey, {
      auth: { persistSession: false, autoRefreshToken: false },
      realtime: { transport: WebSocket as never },
    })
    const { data } = await client.auth.signUp({
      email: `${name}-${randomUUID()}@example.com`,
      password: 'correct horse battery',
      options: { data: { full_name: name } },
    })
    await client.realtime.setAuth(data.session?.access_token ?? '')
    return { client, id: data.user?.id ?? '' }
  }
  const ada = await signUp('Ada')
  const seen: Seen[] = []
  const channel = ada.client
    .channel('everything')
    .on('postgres_changes', { event: '*', schema: '*' }, (change) => seen.push(change as unknown as Seen))
  await joined(channel)
  await use(ada.client, ada.id)
  const wanted = ['workspaces', 'workspace_members', 'channels', 'channel_members', 'messages', 'read_states']
  await expect.poll(() => wanted.filter((table) => !seen.some((each) => each.table === table))).toEqual([])
  // The last thing that is done; everything before it has been told by then.
  await expect.poll(() => seen.at(-1)?.new.display_name).toBe('Ada L.')
  const last = new Map<string, Seen>()
  for (const each of seen.filter(({ eventType }) => eventType !== 'DELETE')) {
    last.set(`${each.table} ${JSON.stringify(keyOf(each.new))}`, each)
  }
  for (const { table, new: told } of last.values()) {
    const { data, error } = await ada.client.from(table).select('*').match(keyOf(told)).single()
    expect(error, table).toBeNull()
    expect(Object.keys(told).sort(), table).toEqual(Object.keys(data).sort())
  }
  // Rows that nothing changed after their last event are equal in value too.
  const messages = [...last.values()].filter(({ table }) => table === 'messages')
  expect(messages.length).toBeGreaterThan(0)
  for (const { new: told } of messages) {
    const { data } = await ada.client.from('messages').select('*').eq('id', told.id).single()
    expect(comparable(told)).toEqual(comparable(data))
  }
})

/** Does what makes rows of every published table. */
async function use(client: SupabaseClient, me: string): Promise<void> {
  const ok = <T>({ data, error }: { data: T; error: unknown }): T => {
    expect(error).toBeNull()
    return data
  }
  const workspace = ok(await client.rpc('create_workspace', { name: 'Acme' }))
  const workspace_id = workspace.id ?? workspace.workspace?.id
  const made = ok(await client.rpc('create_channel', { workspace_id, kind: 'private', name: 'plans' }))
  const channel_id = made.id ?? made.channel?.id
  const id = randomUUID()
  ok(await client.from('messages').insert({ id, channel_id, body: `hello <@${me}>` }))
  ok(await client.from('messages').update({ body: 'hello again' }).eq('id', id))
  ok(await client.rpc('mark_read', { channel_id, seq: 1 }))
  ok(await client.from('profiles').update({ display_name: 'Ada L.' }).eq('id', me))
}

/** Columns that name a row. */
function keyOf(row: Record<string, unknown>): Record<string, unknown> {
  if (row.id !== undefined) return { id: row.id }
  const names = ['workspace_id', 'channel_id', 'user_id', 'thread_id', 'root_id'].filter(
    (name) => name in row,
  )
  return Object.fromEntries(names.filter((name) => row[name] !== null).map((name) => [name, row[name]]))
}

/** Moments are spelled differently (`+00:00` and fewer or more zeros) and mean the same. */
function comparable(row: Record<string, unknown>): unknown {
  return JSON.parse(JSON.stringify(row), (_key, value) =>
    typeof value === 'string' && /^\d{4}-\d\d-\d\d[T ]\d\d:/.test(value) ? Date.parse(value) : value,
  )
}
