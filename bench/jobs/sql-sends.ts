import { openBareSends } from './bare-sends'
import { messageBody, type SendOptions } from './job'
import { runSends } from './sends'

/** The physical line for sends over REST. */
export async function sqlSends(options: SendOptions & { databaseUrl: string; connections: number }) {
  const bare = await openBareSends(options.databaseUrl, options.connections)
  const result = await runSends(options, (sender, message) => {
    const from = options.senders[sender]
    if (!from) throw new Error(`no sender ${sender}`)
    return bare.send(from, messageBody(message))
  })
  await bare.close()
  return result
}
