import { v7 as uuidv7 } from 'uuid'
import { openConnection } from '../http-connection'
import { LINE_CONNECTIONS, openBareSends } from '../jobs/bare-sends'
import { messageBody } from '../jobs/job'
import { SEND_PATH, sendHeaders } from '../jobs/rest-sends'
import { RawSocket } from '../raw-socket'
import type { Target } from './member'

/** Who writes in a group: on the product a person of that channel. */
export type WriterSpec = { group: string; channelId?: string; userId?: string; token?: string }

export type Writing = {
  writers: WriterSpec[]
  /** How long a frame of the relay has to be. */
  frameBytes?: number
  /** The relay is told of a message once it is in this database, as the writer's: bare SQL, and nothing around it. */
  storedIn?: string
}

type Writer = { group: string; write(number: number): Promise<void>; close(): void }
type BareSends = Awaited<ReturnType<typeof openBareSends>>

export async function openWriters(target: Target, { writers: specs, frameBytes = 0, storedIn }: Writing) {
  const bare = storedIn === undefined ? null : await openBareSends(storedIn, LINE_CONNECTIONS)
  const writers = await Promise.all(
    specs.map((spec) =>
      'relay' in target
        ? relayWriter(target.relay, spec, frameBytes, bare)
        : productWriter(target.product, spec),
    ),
  )
  return {
    writers,
    async close() {
      for (const writer of writers) writer.close()
      await bare?.close()
    },
  }
}

/** Has one message under way: the next one waits, and that wait counts. */
async function productWriter(
  { url, key }: { url: string; key: string },
  { group, channelId, token = '' }: WriterSpec,
): Promise<Writer> {
  const connection = await openConnection(url, sendHeaders(key, token))
  let before: Promise<void> = Promise.resolve()
  return {
    group,
    write(number) {
      before = before.then(async () => {
        const message = { id: uuidv7(), channel_id: channelId, thread_id: null, body: messageBody(number) }
        const answer = await connection.send(SEND_PATH, JSON.stringify(message))
        if (answer.status !== 201) throw new Error(`${answer.status} ${answer.body}`)
      })
      const written = before
      before = before.catch(() => {})
      return written
    },
    close: () => connection.close(),
  }
}

async function relayWriter(
  port: number,
  { group, channelId = '', userId = '' }: WriterSpec,
  frameBytes: number,
  bare: BareSends | null,
): Promise<Writer> {
  const raw = await RawSocket.connect(`ws://127.0.0.1:${port}/tell/${group}`)
  return {
    group,
    async write(number) {
      const body = messageBody(number)
      await bare?.send({ userId, channelId }, body)
      raw.send(JSON.stringify({ body }).padEnd(frameBytes, ' '))
    },
    close: () => raw.destroy(),
  }
}
