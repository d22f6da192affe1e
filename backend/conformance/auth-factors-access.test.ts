import { randomUUID } from 'node:crypto'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { startTestServer, type TestServer } from '../testing/server'
import { enroll } from './totp-client'

// The product behind a second factor: what a token that has not seen it reads, calls and hears.

const credentials = { email: 'ada@example.com', password: 'correct horse battery' }
let server: TestServer
let ada: SupabaseClient
let channelId: string
const clients: SupabaseClient[] = []

beforeAll(async () => {
  server = await startTestServer()
  ada = client()
  await ada.auth.signUp(credentials)
  await ada.rpc('create_workspace', { name: 'Acme' })
  const { data } = await ada.from('channels').select('id').eq('name', 'general').single()
  channelId = data?.id
})

afterAll(async () => {
  await Promise.all(clients.map((each) => each.realtime.disconnect()))
  await server.stop()
})

function client(token?: string): SupabaseClient {
  const made = createClient(server.url, server.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: WebSocket as never },
    ...(token ? { accessToken: async () => token } : {}),
  })
  clients.push(made)
  return made
}

/** Everything that a client hears of new messages. */
async function listen(supabase: SupabaseClient): Promise<string[]> {
  const heard: string[] = []
  await new Promise<void>((resolve) => {
    supabase
      .channel('messages')
      .on('postgres_changes', { event: 'INSERT', schema: 'public', table: 'messages' }, ({ new: row }) =>
        heard.push(row.body),
      )
      .on('system', {}, ({ extension }) => {
        if (extension === 'postgres_changes') resolve()
      })
      .subscribe()
  })
  return heard
}

test('a token without the second factor reads, calls and hears nothing; one with it does', async () => {
  const before = (await ada.auth.getSession()).data.session?.access_token ?? ''
  const [own, old] = [client(before), client(before)]
  expect((await own.from('channels').select('id')).data).not.toEqual([])

  const app = await enroll(ada)
  const { error } = await ada.auth.mfa.challengeAndVerify({ factorId: app.id, code: app.code() })
  expect(error).toBeNull()
  // supabase-js tells its socket of sign-ins and refreshes, but not of this.
  await ada.realtime.setAuth()
  const half = client()
  await half.auth.signInWithPassword(credentials)

  const heard = await Promise.all([ada, old, half].map(listen))
  for (const weak of [old, half]) {
    expect((await weak.from('channels').select('id')).data ?? []).toEqual([])
    expect(
      (await weak.from('messages').insert({ id: randomUUID(), channel_id: channelId, body: 'no' })).error,
    ).not.toBeNull()
    expect((await weak.rpc('create_workspace', { name: 'Other' })).error).not.toBeNull()
  }
  expect((await ada.from('channels').select('id')).data).not.toEqual([])
  const say = (body: string) => ada.from('messages').insert({ id: randomUUID(), channel_id: channelId, body })
  expect((await say('one')).error).toBeNull()
  await expect.poll(() => heard[0]).toContain('one')

  const proved = await half.auth.mfa.challengeAndVerify({ factorId: app.id, code: app.code(1) })
  expect(proved.error).toBeNull()
  await half.realtime.setAuth()
  await expect
    .poll(async () => {
      expect((await say('two')).error).toBeNull()
      return heard[2]
    })
    .toContain('two')
  expect(heard[0]).toContain('two')
  expect(heard[1]).toEqual([])
  expect(heard[2]).not.toContain('one')
  expect((await half.from('channels').select('id')).data).not.toEqual([])
})
