import type postgres from 'postgres'
import { type Horizon, seenBy } from './horizon'
import { type BroadcastBody, broadcastSize } from './protocol/broadcast'
import type { Replay } from './protocol/join'
import { storedBody } from './server-broadcast'

/** What is told again, oldest first, and which transactions that answers for. */
export type Told = { bodies: BroadcastBody[]; sees(xid: number): boolean }

const NOTHING: Told = { bodies: [], sees: () => false }

/** Messages sent from SQL to a private topic, for somebody who was away. */
export class Replays {
  private readonly sql: postgres.Sql
  private readonly horizon: Horizon
  private readonly maxBytes: number

  /** `sql` reads `realtime.messages` whatever its policies say. `maxBytes`: the most that one replay amounts to. */
  constructor(sql: postgres.Sql, horizon: Horizon, maxBytes: number) {
    this.sql = sql
    this.horizon = horizon
    this.maxBytes = maxBytes
  }

  /**
   * The newest messages since a moment. The answer knows of every transaction that was read from the stream before it:
   * whoever listens from before the question on, and leaves out what the answer knows of, has no gap and no overlap.
   */
  async of(topic: string, { since, limit }: Replay): Promise<Told> {
    if (topic.includes('\0')) return NOTHING
    const { snapshot, rows } = await this.horizon.ask(async () => {
      const rows = await this.sql<Row[]>`
        select pg_current_snapshot()::text as snapshot, m.*
        from (select) one left join lateral (
          select id, event, payload::text as json, binary_payload as bytes from realtime.messages
          where topic = ${topic} and private and extension = 'broadcast' and event is not null
            and inserted_at >= greatest(
              to_timestamp(${since}::float8 / 1000) at time zone 'utc', now() at time zone 'utc' - interval '72 hours')
            and inserted_at < now() at time zone 'utc' + interval '1 minute'
          order by inserted_at desc limit ${limit}
        ) m on true`
      return { snapshot: rows[0]?.snapshot ?? '0:0:', rows }
    })
    const bodies: BroadcastBody[] = []
    let bytes = 0
    for (const { id, event, ...rest } of rows) {
      if (id === null || event === null) break
      const body = storedBody({ event, ...rest, meta: { replayed: true, id } })
      bytes += broadcastSize(body)
      if (bytes > this.maxBytes) break
      bodies.unshift(body)
    }
    return { bodies, sees: seenBy(snapshot) }
  }
}

type Row = {
  snapshot: string
  id: string | null
  event: string | null
  json: string | null
  bytes: Buffer | null
}
