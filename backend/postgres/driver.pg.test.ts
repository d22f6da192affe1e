import net from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../testing/server'

// patches/postgres: without it these are exceptions that nobody can catch, or waits without an end.

let database: TestDatabase

beforeAll(async () => {
  database = await startTestDatabase({ migrationsDir: null })
})

afterAll(() => database.stop())

/** A way to the database that breaks, once and without a farewell, at the first bytes from the client that hold a text. */
async function openBreakingLine(at: string) {
  const url = new URL(database.url())
  let isWhole = true
  const server = net.createServer((near) => {
    const far = net.connect(`${url.searchParams.get('host')}/.s.PGSQL.${url.port}`)
    near.on('data', (bytes) => {
      if (isWhole && bytes.includes(at)) {
        isWhole = false
        near.resetAndDestroy()
      } else far.write(bytes)
    })
    far.on('data', (bytes) => near.write(bytes))
    near.on('error', () => {}).on('close', () => far.destroy())
    far.on('error', () => {}).on('close', () => near.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as net.AddressInfo
  return {
    sql: database.connect('postgres', { host: '127.0.0.1', port, max: 1 }),
    close: () => server.close(),
  }
}

test('a question in a transaction whose connection is gone is refused, and the pool answers the next', async () => {
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
  const transaction = sql.begin(async (held) => {
    const [own] = await held<{ pid: number }[]>`select pg_backend_pid() as pid`
    await database.admin`select pg_terminate_backend(${own?.pid ?? 0})`
    await gone
    await held`select 1`.catch((error) => refused(error.code))
  })
  expect(await transaction.catch((error) => error.code)).toBe('CONNECTION_CLOSED')
  expect(await late).toBe('CONNECTION_CLOSED')
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }])
  await sql.end()
})

test('a connection that breaks while it asks for the types fails the question it was opened for, and nothing else', async () => {
  const unheard: unknown[] = []
  const hear = (reason: unknown) => unheard.push(reason)
  process.on('unhandledRejection', hear)
  const { sql, close } = await openBreakingLine('pg_catalog.pg_type')
  try {
    expect(await sql`select 1 as one`.catch((error) => error.code)).toBe('ECONNRESET')
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }])
    expect(unheard).toEqual([])
  } finally {
    process.off('unhandledRejection', hear)
    await sql.end()
    close()
  }
})

test('a pool can be closed after a transaction whose connection broke at its first word', async () => {
  const { sql, close } = await openBreakingLine('begin')
  expect(await sql.begin((held) => held`select 1`).catch((error) => error.code)).toBe('ECONNRESET')
  await sql.end()
  close()
})

test('a pool that is being closed does not wait for a transaction whose connection broke', async () => {
  const { sql, close } = await openBreakingLine('pg_sleep')
  const transaction = sql.begin(async (held) => {
    await held`select 1`
    const closed = sql.end()
    await held`select pg_sleep(0)`.catch(() => {})
    await closed
  })
  expect(await transaction.catch((error) => error.code)).toMatch(/ECONNRESET|CONNECTION_CLOSED/)
  await sql.end()
  close()
})

test('after a transaction whose connection broke, each question gets its own answer', async () => {
  const { sql, close } = await openBreakingLine('pg_sleep')
  const transaction = sql.begin((held) => held`select pg_sleep(0)`)
  expect(await transaction.catch((error) => error.code)).toMatch(/ECONNRESET|CONNECTION_CLOSED/)
  for (const wave of [0, 1, 2]) {
    const asked = [1, 2, 3].map((one) => wave * 3 + one)
    const answers = await Promise.all(asked.map((one) => sql`select ${one}::int as one`))
    expect(answers.map(([row]) => row?.one)).toEqual(asked)
  }
  await sql.end()
  close()
})

test('what is asked in the moment in which a question fails does not wait for ever', async () => {
  const { sql, close } = await openBreakingLine('pg_sleep')
  await sql`select 1`
  const again = sql`select pg_sleep(0)`.catch(() => sql`select 2 as two`)
  expect(await again.catch((error) => error.code)).toBe('CONNECTION_CLOSED')
  expect(await sql`select 2 as two`).toEqual([{ two: 2 }])
  await sql.end()
  close()
})
