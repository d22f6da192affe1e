import { expect, test } from 'vitest'
import { startTestDatabase } from '../testing/server'

// patches/postgres: without it this is an exception that nobody can catch, or a question that is never answered.
test('a question in a transaction whose connection is gone is refused, and the pool answers the next', async () => {
  const database = await startTestDatabase({ migrationsDir: null })
  let isGone: () => void
  const gone = new Promise<void>((resolve) => {
    isGone = resolve
  })
  const sql = database.connect('postgres', { max: 1, onclose: () => isGone() })
  let refused: (code: unknown) => void
  // The transaction may be over before its own work gets as far as to ask.
  const late = new Promise<unknown>((resolve) => {
    refused = resolve
  })
  try {
    const transaction = sql.begin(async (held) => {
      const [own] = await held<{ pid: number }[]>`select pg_backend_pid() as pid`
      await database.admin`select pg_terminate_backend(${own?.pid ?? 0})`
      await gone
      await held`select 1`.catch((error) => refused(error.code))
    })
    expect(await transaction.catch((error) => error.code)).toBe('CONNECTION_CLOSED')
    expect(await late).toBe('CONNECTION_CLOSED')
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }])
  } finally {
    await sql.end()
    await database.stop()
  }
})
