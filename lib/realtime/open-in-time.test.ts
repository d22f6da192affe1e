import { createServer, type Socket } from 'node:net'
import { RealtimeClient } from '@supabase/supabase-js'
import { afterEach, expect, test, vi } from 'vitest'
import { WebSocket as NodeSocket } from 'ws'
import { openInTime } from './open-in-time'

afterEach(() => {
  vi.useRealTimers()
})

class TimedSocket extends NodeSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols)
    openInTime(this as unknown as WebSocket)
  }
}

test('a handshake that is never answered is given up, and tried again', async () => {
  const connections: Socket[] = []
  const server = createServer((connection) => void connections.push(connection.on('error', () => {})))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const client = new RealtimeClient(`ws://127.0.0.1:${port}`, {
    params: { apikey: 'key' },
    transport: TimedSocket as never,
    reconnectAfterMs: () => 1,
  })
  client.connect()
  await vi.waitFor(() => expect(connections).toHaveLength(1))
  await vi.advanceTimersByTimeAsync(19_000)
  expect(connections).toHaveLength(1)
  await vi.waitFor(async () => {
    await vi.advanceTimersByTimeAsync(1_000)
    expect(connections.length).toBeGreaterThan(1)
  })
  void client.disconnect()
  for (const connection of connections) connection.destroy()
  server.close()
})

test('a socket that opened is left alone', async () => {
  vi.useFakeTimers()
  const close = vi.fn()
  const socket = Object.assign(new EventTarget(), { close }) as unknown as WebSocket
  openInTime(socket)
  socket.dispatchEvent(new Event('open'))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(close).not.toHaveBeenCalled()
})
