import { openConnection } from '../http-connection'
import { percentile } from '../statistics'
import { arrive } from './joins'
import type { Member } from './member'

/** What a client asks for when it is connected again. */
export type Catchup = { url: string; key: string; path: string; body: string }

export type StormResult = {
  /** Seconds from the first lost connection to the last client in sync. */
  seconds: number
  /** Handshakes, joins and questions that failed and were tried again. */
  retries: number
  /** Milliseconds of a question about what was missed, with the time it waited for a connection. */
  catchupP50: number
  catchupP99: number
  bytes: number
}

/** realtime-js and the product's sync loop wait so long before they try again. */
const BACKOFF_MS = [1_000, 2_000, 5_000, 10_000]

/** Ten thousand browsers have connections of their own; this process has files for some of them only. */
const CONNECTIONS = 256

/** Waits until every socket has been lost and every client is connected, subscribed and in sync again. */
export async function weather(members: Member[], catchup: Catchup): Promise<StormResult> {
  let begun = Number.POSITIVE_INFINITY
  let retries = 0
  const latencies: number[] = []
  let bytes = 0
  const ask = createAsker(catchup)
  const again = async (work: () => Promise<void>, first: number) => {
    for (let attempt = first; ; attempt++) {
      if (attempt > 0) await pause(BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length) - 1] as number)
      try {
        return await work()
      } catch {
        retries += 1
      }
    }
  }
  const recover = async (member: Member) => {
    await again(() => arrive(member), 1)
    const since = performance.now()
    await again(async () => {
      bytes = await ask(member.spec.token)
    }, 0)
    latencies.push(performance.now() - since)
  }
  await Promise.all(
    members.map(
      (member) =>
        new Promise<void>((resolve) => {
          member.onClose = () => {
            member.onClose = () => {}
            begun = Math.min(begun, performance.now())
            void recover(member).then(resolve)
          }
        }),
    ),
  )
  const seconds = (performance.now() - begun) / 1000
  ask.close()
  return {
    seconds,
    retries,
    catchupP50: percentile(latencies, 0.5),
    catchupP99: percentile(latencies, 0.99),
    bytes,
  }
}

/** Asks over as many connections as there may be; the size of the answer. */
function createAsker({ url, key, path, body }: Catchup) {
  type Connection = Awaited<ReturnType<typeof openConnection>>
  const idle: Connection[] = []
  const waiting: ((connection: Connection | undefined) => void)[] = []
  let open = 0
  const take = () => {
    const free = idle.pop()
    if (free) return free
    if (open < CONNECTIONS) {
      open += 1
      return undefined
    }
    return new Promise<Connection | undefined>((resolve) => waiting.push(resolve))
  }
  const give = (connection: Connection | undefined) => {
    const next = waiting.shift()
    if (next) next(connection)
    else if (connection) idle.push(connection)
    else open -= 1
  }
  const ask = async (token: string) => {
    let connection = await take()
    try {
      connection ??= await openConnection(url, { apikey: key, 'accept-encoding': 'gzip, br' })
      const answer = await connection.send(path, body, `authorization: Bearer ${token}\r\n`)
      if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body.slice(0, 200)}`)
      give(connection)
      return answer.body.length
    } catch (error) {
      connection?.close()
      give(undefined)
      throw error
    }
  }
  return Object.assign(ask, {
    close: () => {
      for (const connection of idle) connection.close()
    },
  })
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
