import { openConnection } from '../http-connection'
import { type RestRead, runReads } from './reads'

/** Reads over REST, each reader on a connection of its own. */
export async function restReads(options: {
  url: string
  key: string
  readers: RestRead[]
  seconds: number
  /** `accept-encoding`, for readers that take less than every byte. */
  encoding?: string
}) {
  const { url, key, readers, seconds, encoding } = options
  const accept: Record<string, string> = encoding === undefined ? {} : { 'accept-encoding': encoding }
  const connections = await Promise.all(
    readers.map(({ token }) =>
      openConnection(url, { apikey: key, authorization: `Bearer ${token}`, ...accept }),
    ),
  )
  const result = await runReads(readers.length, seconds, async (reader, turn) => {
    const requests = readers[reader]?.requests ?? []
    const request = requests[turn % requests.length]
    if (!request) throw new Error('no request')
    const answer = await connections[reader]?.send(request.path, request.body)
    if (answer?.status !== 200) throw new Error(`${answer?.status} ${answer?.body.slice(0, 300)}`)
    return answer.body.length
  })
  for (const connection of connections) connection.close()
  return result
}
