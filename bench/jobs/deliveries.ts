import { v7 as uuidv7 } from 'uuid'
import { openConnection } from '../http-connection'
import { openLoop } from '../open-loop'
import { percentile } from '../statistics'
import { type DeliveryResult, messageBody, type Person } from './job'
import { collect, openSocket, openSockets, type Receivers } from './receivers'
import { SEND_PATH, sendHeaders } from './rest-sends'
import { subscribe } from './subscriber'

type Load = { perSecond: number; seconds: number; sockets: number }

/** From the scheduled POST to the callback of every subscribed socket, through the whole product. */
export async function deliveries(
  options: Load & { url: string; key: string; people: Person[]; channelId: string },
): Promise<DeliveryResult> {
  const { url, key, people } = options
  const token = (index: number) => people[index % people.length]?.token as string
  const receivers = collect(
    await openSockets(options.sockets, (index) => subscribe({ url, key, token: token(index) })),
  )
  const writers = await Promise.all(
    Array.from({ length: 8 }, (_, index) => openConnection(url, sendHeaders(key, token(index)))),
  )
  const failures: string[] = []
  const result = await drive(options, receivers, async (index) => {
    const body = JSON.stringify({
      id: uuidv7(),
      channel_id: options.channelId,
      thread_id: null,
      body: messageBody(index),
    })
    const answer = await writers[index % writers.length]?.send(SEND_PATH, body)
    if (answer?.status !== 201) failures.push(`${answer?.status} ${answer?.body}`)
  })
  for (const writer of writers) writer.close()
  if (failures.length > 0) throw new Error(`${failures.length} sends failed: ${failures[0]}`)
  return result
}

/** The same number of sockets, size and rate through the relay that only frames and writes. */
export async function relayDeliveries(
  options: Load & { port: number; frameBytes: number },
): Promise<DeliveryResult> {
  const url = `ws://127.0.0.1:${options.port}`
  const receivers = collect(await openSockets(options.sockets, () => openSocket(`${url}/hear/all`)))
  const publisher = await openSocket(`${url}/tell/all`)
  return drive(options, receivers, async (index) => {
    const text = JSON.stringify({ body: messageBody(index) })
    publisher.send(text.padEnd(options.frameBytes, ' '))
  })
}

async function drive(load: Load, receivers: Receivers, publish: (index: number) => Promise<void>) {
  const lateness = await openLoop({
    ...load,
    act: (index, scheduled) => {
      receivers.expect(index, scheduled)
      void publish(index)
    },
  })
  const result = await receivers.result(percentile(lateness, 0.99))
  for (const socket of receivers.sockets) socket.terminate()
  return result
}
