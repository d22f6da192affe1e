import pg from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { Batch, type Step } from '../../backend/rest/batch'
import { messageBody, type SendOptions } from './job'
import { runSends } from './sends'

export const CONTEXT =
  "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)"
const INSERT = `insert into public.messages (id, channel_id, thread_id, body) values ($1, $2, null, $3)
  on conflict (id) do nothing returning *`

/**
 * The physical line for a send: the same transaction, same role, claims, policy, trigger and fsync, in one round trip
 * on a prepared statement, and nothing around it.
 */
export async function sqlSends(options: SendOptions & { databaseUrl: string; connections: number }) {
  const pool = new pg.Pool({ connectionString: options.databaseUrl, max: options.connections })
  const claims = options.senders.map(({ userId }) => JSON.stringify({ sub: userId, role: 'authenticated' }))
  const step = (text: string, values: string[]): Step => ({ text, values, prepare: true, scope: '' })
  const send = async (sender: number, message: number) => {
    const client = await pool.connect()
    try {
      const channelId = options.senders[sender]?.channelId as string
      const batch = new Batch([
        step(CONTEXT, [claims[sender] as string]),
        step(INSERT, [uuidv7(), channelId, messageBody(message)]),
      ])
      client.query(batch)
      const [, rows] = await batch.done
      if (rows?.length !== 1) throw new Error('no row')
    } finally {
      client.release()
    }
  }
  const warm = await Promise.all(Array.from({ length: options.connections }, () => pool.connect()))
  for (const client of warm) client.release()
  const result = await runSends(options, send)
  await pool.end()
  return result
}
