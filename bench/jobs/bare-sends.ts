import pg from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { Batch, type Step } from '../../backend/rest/batch'

/** As many as the backend opens for REST, so that the line is not handicapped. */
export const LINE_CONNECTIONS = 10

export const CONTEXT =
  "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)"
const INSERT = `insert into public.messages (id, channel_id, thread_id, body) values ($1, $2, null, $3)
  on conflict (id) do nothing returning *`

/**
 * The physical line for a send: the same transaction, same role, claims, policy, trigger and fsync, in one round trip
 * on a prepared statement, and nothing around it.
 */
export async function openBareSends(databaseUrl: string, connections: number) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: connections })
  const step = (text: string, values: string[]): Step => ({ text, values, prepare: true, scope: '' })
  const warm = await Promise.all(Array.from({ length: connections }, () => pool.connect()))
  for (const client of warm) client.release()
  return {
    /** Resolves when the message is durable. */
    async send({ userId, channelId }: { userId: string; channelId: string }, body: string): Promise<void> {
      const client = await pool.connect()
      try {
        const claims = JSON.stringify({ sub: userId, role: 'authenticated' })
        const batch = new Batch([step(CONTEXT, [claims]), step(INSERT, [uuidv7(), channelId, body])])
        client.query(batch)
        const [, rows] = await batch.done
        if (rows?.length !== 1) throw new Error('no row')
      } finally {
        client.release()
      }
    },
    close: () => pool.end(),
  }
}
