import { v7 as uuidv7 } from 'uuid'
import { connectDatabase } from '../../e2e/database'
import { messageBody, type SendOptions } from './job'
import { runSends } from './sends'

/** The physical line for a send: the same transaction, same role, claims, trigger and fsync, and nothing around it. */
export async function sqlSends(options: SendOptions & { databaseUrl: string; connections: number }) {
  const sql = connectDatabase(options.databaseUrl, { max: options.connections })
  const claims = options.senders.map(({ userId }) =>
    JSON.stringify({ sub: userId, role: 'authenticated', aud: 'authenticated' }),
  )
  await Promise.all(Array.from({ length: options.connections }, () => sql`select pg_sleep(0.05)`))
  const result = await runSends(options, async (sender, message) => {
    const channelId = options.senders[sender]?.channelId as string
    const [, rows] = await sql.begin((tx) => [
      tx`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${claims[sender] as string}, true)`,
      tx`insert into public.messages (id, channel_id, thread_id, body)
         values (${uuidv7()}, ${channelId}, null, ${messageBody(message)})
         on conflict (id) do nothing returning *`,
    ])
    if (rows.length !== 1) throw new Error('no row')
  })
  await sql.end()
  return result
}
