import pg from 'pg'
import { Batch, type Step } from '../../backend/rest/batch'
import { CONTEXT } from './bare-sends'
import { runReads } from './reads'

export type SqlRead = { userId: string; values: string[][] }

/**
 * The physical line for a read: role and claims, then one prepared statement whose JSON PostgreSQL writes, in one round
 * trip, and nothing around it. Planned once: PostgreSQL may think that a new plan for every page is worth its time, and a
 * line that depends on that choice is none.
 */
export async function sqlReads(options: {
  databaseUrl: string
  connections: number
  text: string
  readers: SqlRead[]
  seconds: number
}) {
  const { databaseUrl, connections, text, readers, seconds } = options
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: connections,
    options: '-c plan_cache_mode=force_generic_plan',
  })
  const step = (sql: string, values: string[]): Step => ({ text: sql, values, prepare: true, scope: '' })
  const claims = readers.map(({ userId }) => JSON.stringify({ sub: userId, role: 'authenticated' }))
  const result = await runReads(readers.length, seconds, async (reader, turn) => {
    const client = await pool.connect()
    try {
      const values = readers[reader]?.values ?? []
      const batch = new Batch([
        step(CONTEXT, [claims[reader] as string]),
        step(text, values[turn % values.length] ?? []),
      ])
      client.query(batch)
      const [, rows] = await batch.done
      return Buffer.byteLength(rows?.[0]?.[0] ?? '')
    } finally {
      client.release()
    }
  })
  await pool.end()
  return result
}
