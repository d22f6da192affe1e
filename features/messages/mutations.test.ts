import { expect, test } from 'vitest'
import type { AppClient } from '@/lib/supabase/client'
import { blankMessage } from './fake-server'
import { sendMessage } from './mutations'

/** A server that has the message already, so that an answer to sending it again is empty, and tells what it lets be read. */
function server(readable: object | null) {
  const empty = Promise.resolve({ data: [], error: null, status: 201 })
  const read = Promise.resolve({ data: readable, error: null, status: 200 })
  return {
    from: () => ({
      upsert: () => ({ select: () => ({ abortSignal: () => empty }) }),
      select: () => ({ eq: () => ({ maybeSingle: () => read }) }),
    }),
  } as unknown as AppClient
}

const message = { id: 'm1', channel_id: 'c', thread_id: null, body: 'hi' }

test('what was stored by an earlier attempt is the answer', async () => {
  const stored = blankMessage('m1', 'c', 'me', 'hi')
  await expect(sendMessage(server(stored), 'me', message)).resolves.toEqual(stored)
})

test('who has left the channel since is told that, and not to send it under another id', async () => {
  await expect(sendMessage(server(null), 'me', message)).rejects.toMatchObject({ code: 'not_a_member' })
})

test('an id of somebody else is taken', async () => {
  const other = blankMessage('m1', 'c', 'ada', 'hi')
  await expect(sendMessage(server(other), 'me', message)).rejects.toMatchObject({ code: 'message_id_taken' })
})
