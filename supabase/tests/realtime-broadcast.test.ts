import { randomUUID } from 'node:crypto'
import { createClient, type RealtimeChannel, type SupabaseClient } from '@supabase/supabase-js'
import type postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { startTestServer, type TestServer } from '../../backend/testing/server'

// The transport broadcast over real sockets: who hears, who may speak, and when hearing ends.

let server: TestServer
let owner: postgres.Sql
let channelId: string
let workspaceId: string
const people: Record<string, { id: string; client: SupabaseClient; heard: string[]; states: string[] }> = {}

beforeAll(async () => {
  server = await startTestServer()
  owner = server.database.connect('postgres', { max: 1 })
  await owner`select private.set_realtime_transport('broadcast')`
  for (const name of ['ada', 'bob', 'eve']) await enter(name)
  const { data } = await as('ada').client.rpc('create_workspace', { name: 'Acme' })
  workspaceId = data.id
  const { data: invitation } = await as('ada').client.rpc('create_invitation', { workspace_id: workspaceId })
  await as('bob').client.rpc('accept_invitation', { code: invitation.code })
  const found = await as('ada').client.from('channels').select('id').eq('name', 'general').single()
  channelId = found.data?.id
})
afterAll(async () => {
  await Promise.all(Object.values(people).map(({ client }) => client.realtime.disconnect()))
  await owner?.end()
  await server?.stop()
})

const as = (name: string) => people[name] as (typeof people)[string]

async function enter(name: string) {
  const client = createClient(server.url, server.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: WebSocket as never },
  })
  const { data } = await client.auth.signUp({ email: `${name}@acme.test`, password: 'correct horse battery' })
  await client.realtime.setAuth()
  people[name] = { id: data.user?.id ?? '', client, heard: [], states: [] }
}

/** Joins a topic of changes; resolves with the first state. */
async function listen(name: string, topic: string): Promise<{ state: string; channel: RealtimeChannel }> {
  const { client, heard, states } = as(name)
  const channel = client.channel(topic, { config: { private: true } })
  channel.on('broadcast', { event: 'change' }, ({ payload }) => {
    heard.push(payload.record?.body ?? payload.table)
  })
  const state = await new Promise<string>((resolve) => {
    channel.subscribe((status) => {
      states.push(status)
      resolve(status)
    })
  })
  return { state, channel }
}

async function say(body: string) {
  const { error } = await as('ada')
    .client.from('messages')
    .insert({ id: randomUUID(), channel_id: channelId, body })
  expect(error).toBe(null)
  await expect.poll(() => as('ada').heard).toContain(body)
}

test('members join the topic of their channel and hear what is said, others are refused', async () => {
  const topic = `changes:channel:${channelId}`
  expect((await listen('ada', topic)).state).toBe('SUBSCRIBED')
  expect((await listen('bob', topic)).state).toBe('SUBSCRIBED')
  expect((await listen('eve', topic)).state).toBe('CHANNEL_ERROR')
  await say('one')
  await expect.poll(() => as('bob').heard).toContain('one')
  expect(as('eve').heard).toEqual([])
})

test('B04: a person cannot say what only the database says', async () => {
  const [channel] = as('bob').client.getChannels()
  await channel?.send({
    type: 'broadcast',
    event: 'change',
    payload: { table: 'messages', record: { body: 'forged' } },
  })
  // Over REST the answer says so at once.
  const { data } = await as('bob').client.auth.getSession()
  const answer = await fetch(
    `${server.url}/realtime/v1/api/broadcast/changes:channel:${channelId}/events/change?private=true`,
    {
      method: 'POST',
      headers: {
        apikey: server.publishableKey,
        authorization: `Bearer ${data.session?.access_token}`,
        'content-type': 'application/json',
      },
      body: '{"table":"messages","record":{"body":"forged"}}',
    },
  )
  expect(answer.status).toBe(403)
  await say('two')
  expect(as('ada').heard).not.toContain('forged')
})

test('B07: whoever is removed is told, hears nothing more and is off the topic', async () => {
  await listen('bob', `changes:user:${as('bob').id}`)
  const { error } = await as('ada').client.rpc('remove_channel_member', {
    channel_id: channelId,
    user_id: as('bob').id,
  })
  expect(error).toBe(null)
  await say('three')
  await expect.poll(() => as('bob').heard).toContain('channel_members')
  await expect.poll(() => as('bob').states).toContain('CLOSED')
  await say('four')
  expect(as('bob').heard).not.toContain('three')
  expect(as('bob').heard).not.toContain('four')
})
