import { randomUUID } from 'node:crypto'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { startTestServer, type TestServer } from '../../backend/testing/server'

// What sockets hear of messages, with the product's own policies, while sign-ins become too weak or end.

let server: TestServer
const people: Record<string, { id: string; client: SupabaseClient; heard: string[] }> = {}
let channelId: string
let workspaceId: string

beforeAll(async () => {
  server = await startTestServer()
  for (const name of ['ada', 'bob', 'cleo']) await enter(name)
  const { data } = await ada().rpc('create_workspace', { name: 'Acme' })
  workspaceId = data.id
  const invited = await ada().rpc('create_invitation', { workspace_id: workspaceId })
  for (const name of ['bob', 'cleo']) {
    await people[name]?.client.rpc('accept_invitation', { code: invited.data.code })
  }
  const found = await ada().from('channels').select('id').eq('name', 'general').single()
  channelId = found.data?.id
  for (const name of Object.keys(people)) await listen(name)
})
afterAll(async () => {
  await Promise.all(Object.values(people).map(({ client }) => client.realtime.disconnect()))
  await server.stop()
})

const ada = () => people.ada?.client as SupabaseClient

async function enter(name: string) {
  const client = createClient(server.url, server.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: WebSocket as never },
  })
  const { data } = await client.auth.signUp({ email: `${name}@acme.test`, password: 'correct horse battery' })
  people[name] = { id: data.user?.id ?? '', client, heard: [] }
}

async function listen(name: string) {
  const { client, heard } = people[name] as (typeof people)[string]
  await new Promise<void>((resolve, reject) => {
    client
      .channel('messages')
      .on('postgres_changes', { event: 'INSERT', schema: 'public', table: 'messages' }, ({ new: row }) =>
        heard.push(row.body),
      )
      .on('system', {}, ({ extension, status }) => {
        if (extension === 'postgres_changes' && status === 'ok') resolve()
      })
      .subscribe((status, error) => {
        if (status === 'CHANNEL_ERROR') reject(error)
      })
  })
}

async function say(body: string) {
  const { error } = await ada().from('messages').insert({ id: randomUUID(), channel_id: channelId, body })
  expect(error).toBe(null)
  await expect.poll(() => people.ada?.heard).toContain(body)
}

const verifyFactor = (name: string) =>
  server.database
    .admin`insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
    values (${randomUUID()}, ${people[name]?.id ?? ''}, 'totp', 'verified', now(), now())`

test('B08: a token hears nothing more from the commit on that makes it too weak', async () => {
  await say('one')
  await expect.poll(() => people.bob?.heard).toEqual(['one'])
  await expect.poll(() => people.cleo?.heard).toEqual(['one'])
  await verifyFactor('bob')
  await say('two')
  await say('three')
  await expect.poll(() => people.cleo?.heard).toEqual(['one', 'two', 'three'])
  expect(people.bob?.heard).toEqual(['one'])
  // The socket is open and the answer comes back with the right.
  await server.database.admin`delete from auth.mfa_factors where user_id = ${people.bob?.id ?? ''}`
  await say('four')
  await expect.poll(() => people.bob?.heard).toEqual(['one', 'four'])
})

test('a rule of another workspace stops a token everywhere', async () => {
  await server.database.admin.begin(async (sql) => {
    const [made] = await sql`insert into workspaces (name, slug) values ('Strict', 'strict') returning id`
    await sql`insert into workspace_security (workspace_id, require_two_factor) values (${made?.id}, true)`
    await sql`insert into workspace_members (workspace_id, user_id) values (${made?.id}, ${people.bob?.id ?? ''})`
  })
  await say('five')
  await expect.poll(() => people.cleo?.heard).toContain('five')
  expect(people.bob?.heard).not.toContain('five')
})

test('B08: deactivation ends the socket', async () => {
  const before = people.cleo?.client.realtime.isConnected()
  const { error } = await ada().rpc('deactivate_member', {
    workspace_id: workspaceId,
    user_id: people.cleo?.id,
  })
  expect([before, error]).toEqual([true, null])
  await say('six')
  expect(people.cleo?.heard).not.toContain('six')
  const { data } = (await people.cleo?.client.from('messages').select('id')) ?? {}
  expect(data).toEqual([])
  const again = await people.cleo?.client.auth.signInWithPassword({
    email: 'cleo@acme.test',
    password: 'correct horse battery',
  })
  expect(again?.error?.code).toBe('user_banned')
})
