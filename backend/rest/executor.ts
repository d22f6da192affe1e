import { availableParallelism } from 'node:os'
import pg from 'pg'
import { Batch, type BatchResult, type Step } from './batch'
import { RestError, unavailable } from './errors'
import { Turnstile } from './turnstile'

/** Whether the transaction of a request is kept, decided by what its statement returned; throwing means no. */
export type Decide = (result: BatchResult) => boolean

export type Job = {
  /** Reads and writes have connections of their own, so that long reads cannot hold up short writes. */
  access: 'read' | 'write'
  /** Who asks: they take turns with others. */
  by?: string
  steps: Step[]
  /** Without it the transaction is kept whenever its statements succeed, which saves a round trip. */
  decide?: Decide
}

export type Executor = {
  run(job: Job): Promise<BatchResult>
  stop(): Promise<void>
}

export type ExecutorOptions = {
  url: string
  readers: number
  writers: number
  /** Requests that may wait for a connection of their kind; one more is refused. */
  maxWaiting: number
  waitMilliseconds: number
  onIdleError(error: Error): void
}

/** Statements under way at once: three for each processor keep it busy while others wait for the disk. */
const WORKING = Math.max(4, 3 * availableParallelism())

const plain = (text: string): Step => ({ text, values: [], prepare: true, scope: '' })

/** Opens the connections that requests run on. */
export function createExecutor(options: ExecutorOptions): Executor {
  const open = (max: number) => {
    const pool = new pg.Pool({
      connectionString: options.url,
      max,
      connectionTimeoutMillis: options.waitMilliseconds,
      idleTimeoutMillis: 60_000,
      application_name: 'enterprise-chat rest',
    })
    // A connection that breaks while nobody uses it; the next request opens another.
    pool.on('error', options.onIdleError)
    // One that breaks in use fails its request; without a listener of its own it would end the process as well.
    pool.on('connect', (client) => void client.on('error', () => {}))
    return pool
  }
  const lane = (all: number) => {
    const { maxWaiting, waitMilliseconds } = options
    return {
      pool: open(all),
      turnstile: new Turnstile({ working: WORKING, all, maxWaiting, waitMilliseconds }),
    }
  }
  const lanes = { read: lane(options.readers), write: lane(options.writers) }

  async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
    try {
      return await pool.connect()
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('timeout exceeded'))
        throw unavailable('PGRST003', 'Timed out acquiring connection from connection pool.')
      throw error
    }
  }

  async function send(client: pg.PoolClient, steps: Step[]): Promise<BatchResult> {
    const batch = new Batch(steps)
    client.query(batch)
    return batch.done
  }

  /** Two round trips: the statement, then what was decided about it. */
  async function decided(client: pg.PoolClient, steps: Step[], decide: Decide): Promise<BatchResult> {
    try {
      const result = (await send(client, [plain('begin'), ...steps])).slice(1)
      const keep = decide(result)
      await send(client, [plain(keep ? 'commit' : 'rollback')])
      return result
    } catch (error) {
      await send(client, [plain('rollback')])
      throw error
    }
  }

  async function runOn(client: pg.PoolClient, steps: Step[], decide?: Decide): Promise<BatchResult> {
    try {
      const result = decide ? await decided(client, steps, decide) : await send(client, steps)
      client.release()
      return result
    } catch (error) {
      // Only the server's own errors leave a connection that can be used again.
      const broken = !(error instanceof pg.DatabaseError) || error.severity !== 'ERROR'
      client.release(broken && !(error instanceof RestError))
      throw error
    }
  }

  return {
    async run({ access, by, steps, decide }) {
      const { pool, turnstile } = lanes[access]
      const leave = await turnstile.enter(by)
      try {
        return await runOn(await connect(pool), steps, decide)
      } finally {
        leave()
      }
    },
    async stop() {
      await Promise.all([lanes.read.pool.end(), lanes.write.pool.end()])
    },
  }
}
