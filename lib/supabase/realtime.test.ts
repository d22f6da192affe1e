// @vitest-environment jsdom
import { expect, test, vi } from 'vitest'
import * as lazyPart from '@/lib/lazy-part'
import { RealtimeClient } from './realtime'

const options = { params: { apikey: 'key' }, accessToken: async () => 'token' }
const open = () => new RealtimeClient('ws://127.0.0.1:9/realtime/v1', options)

test('until a topic is wanted there is no socket and no channel, and a token that is told loads nothing', async () => {
  const client = open()
  await client.setAuth('another')
  await client.disconnect()
  expect(client.getChannels()).toEqual([])
  expect([client.isConnected(), client.isConnecting(), client.isDisconnecting()]).toEqual([
    false,
    false,
    false,
  ])
  expect('channel' in client).toBe(false)
})

test('whoever asks for the token gets the real client, once, with its token', async () => {
  const client = open()
  await Promise.all([client.setAuth(), client.setAuth()])
  // Once it is there, what stands in for the real client has everything that it has.
  const real = client as unknown as import('@supabase/realtime-js').RealtimeClient
  expect(real.accessTokenValue).toBe('token')
  const channel = real.channel('news', { config: { private: true } })
  expect(real.getChannels()).toEqual([channel])
  expect(channel.socket.endpointURL()).toContain('apikey=key')
  await real.removeChannel(channel)
  expect(client.getChannels()).toEqual([])
})

test('code that could not be loaded is asked for again by the next who wants it', async () => {
  const load = vi.spyOn(lazyPart, 'loadPatiently').mockRejectedValueOnce(new Error('Failed to load chunk'))
  const client = open()
  await expect(client.setAuth()).rejects.toThrow('Failed to load chunk')
  expect('channel' in client).toBe(false)
  await client.setAuth()
  expect((client as unknown as import('@supabase/realtime-js').RealtimeClient).accessTokenValue).toBe('token')
  expect(load).toHaveBeenCalledTimes(2)
})
