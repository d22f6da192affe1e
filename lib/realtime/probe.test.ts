import { createClient } from '@supabase/supabase-js'
import { afterEach, expect, test, vi } from 'vitest'
import type { AppClient } from '@/lib/supabase/client'
import { probe } from './probe'

/** A socket that the test opens and closes. */
class TestSocket {
  static made: TestSocket[] = []
  readyState = 0
  bufferedAmount = 0
  onopen: (() => void) | null = null
  onclose: ((event: object) => void) | null = null
  constructor() {
    TestSocket.made.push(this)
  }
  send() {}
  open() {
    this.readyState = 1
    this.onopen?.()
  }
  close() {
    if (this.readyState === 3) return
    this.readyState = 3
    this.onclose?.({ code: 1006 })
  }
}

const sockets = () => TestSocket.made
const last = () => sockets().at(-1) as TestSocket

function clientWithTopic() {
  const client = createClient('http://localhost', 'key', {
    auth: { persistSession: false },
    realtime: { transport: TestSocket as unknown as typeof WebSocket, reconnectAfterMs: () => 3_600_000 },
  })
  client.channel('topic').subscribe()
  return client as AppClient
}

afterEach(() => {
  TestSocket.made = []
  vi.useRealTimers()
})

test('a socket that was closed is opened at once, whenever its own next attempt would be', async () => {
  const client = clientWithTopic()
  last().close()
  await probe(client)
  expect(sockets()).toHaveLength(2)
  expect(client.realtime.isConnecting()).toBe(true)
})

test('a socket that is being opened is left alone while it makes it, and replaced when it does not', async () => {
  vi.useFakeTimers()
  const client = clientWithTopic()
  const probing = probe(client)
  last().open()
  await vi.runOnlyPendingTimersAsync()
  await probing
  expect(sockets()).toHaveLength(1)

  last().close()
  await probe(client)
  const again = probe(client)
  await vi.advanceTimersByTimeAsync(6_000)
  await again
  expect(sockets()).toHaveLength(3)
})
