import type { WebSocket } from 'ws'
import { openSocket } from './receivers'

const HEARTBEAT_MS = 25_000

/** A realtime client reduced to what the wire needs: join, `postgres_changes` on messages, heartbeat. */
export async function subscribe(options: { url: string; key: string; token: string }): Promise<WebSocket> {
  const socket = await openSocket(
    `${options.url.replace(/^http/, 'ws')}/realtime/v1/websocket?apikey=${options.key}&vsn=2.0.0`,
  )
  const joined = new Promise<void>((resolve, reject) => {
    const onMessage = (data: unknown) => {
      const [, , , event, payload] = JSON.parse(String(data)) as [unknown, unknown, string, string, Reply]
      if (event === 'phx_reply' && payload.status === 'error') reject(new Error(JSON.stringify(payload)))
      if (event === 'system') {
        socket.off('message', onMessage)
        if (payload.status === 'ok') resolve()
        else reject(new Error(payload.message))
      }
    }
    socket.on('message', onMessage)
    socket.once('close', () => reject(new Error('closed before the join was answered')))
  })
  const config = {
    broadcast: { ack: false, self: false },
    presence: { key: '', enabled: false },
    postgres_changes: [{ event: '*', schema: 'public', table: 'messages' }],
    private: false,
  }
  socket.send(
    JSON.stringify(['1', '1', 'realtime:bench', 'phx_join', { config, access_token: options.token }]),
  )
  await joined
  const heartbeat = setInterval(() => socket.send('[null,"2","phoenix","heartbeat",{}]'), HEARTBEAT_MS)
  socket.on('close', () => clearInterval(heartbeat))
  return socket
}

type Reply = { status?: string; message?: string }
