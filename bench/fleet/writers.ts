import { v7 as uuidv7 } from 'uuid'
import { openConnection } from '../http-connection'
import { messageBody } from '../jobs/job'
import { SEND_PATH, sendHeaders } from '../jobs/rest-sends'
import { RawSocket } from '../raw-socket'
import type { Target } from './member'

/** Who writes in a group: on the product a person of that channel. */
export type WriterSpec = { group: string; channelId?: string; token?: string }

type Writer = { group: string; write(number: number): Promise<void>; close(): void }

export const openWriters = (target: Target, specs: WriterSpec[], frameBytes: number): Promise<Writer[]> =>
  Promise.all(
    specs.map((spec) =>
      'relay' in target ? relayWriter(target.relay, spec, frameBytes) : productWriter(target.product, spec),
    ),
  )

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

async function relayWriter(port: number, { group }: WriterSpec, frameBytes: number): Promise<Writer> {
  const raw = await RawSocket.connect(`ws://127.0.0.1:${port}/tell/${group}`)
  return {
    group,
    async write(number) {
      raw.send(JSON.stringify({ body: messageBody(number) }).padEnd(frameBytes, ' '))
    },
    close: () => raw.destroy(),
  }
}
