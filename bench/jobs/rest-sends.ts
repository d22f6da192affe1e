import { v7 as uuidv7 } from 'uuid'
import { openConnection } from '../http-connection'
import { messageBody, type SendOptions } from './job'
import { runSends } from './sends'

export const SEND_PATH = '/rest/v1/messages?on_conflict=id&select=*'

export const sendHeaders = (key: string, token: string) => ({
  apikey: key,
  authorization: `Bearer ${token}`,
  prefer: 'resolution=ignore-duplicates,return=representation',
})

/** Durable sends over REST, as the product's outbox makes them. */
export async function restSends(options: SendOptions & { url: string; key: string; path?: string }) {
  const connections = await Promise.all(
    options.senders.map(({ token }) => openConnection(options.url, sendHeaders(options.key, token))),
  )
  const result = await runSends(options, async (sender, message) => {
    const row = {
      id: uuidv7(),
      channel_id: options.senders[sender]?.channelId,
      thread_id: null,
      body: messageBody(message),
    }
    const answer = await connections[sender]?.send(options.path ?? SEND_PATH, JSON.stringify(row))
    if (answer?.status !== 201) throw new Error(`${answer?.status} ${answer?.body}`)
  })
  for (const connection of connections) connection.close()
  return result
}
