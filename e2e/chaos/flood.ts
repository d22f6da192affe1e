import { openDatabase } from '../api'
import type { Member } from '../crowd'
import { startLoad } from '../load'
import type { Product } from '../product'
import type { Ledger } from './ledger'

type Options = { product: Product; members: Member[]; channelIds: string[]; ledger: Ledger }

/** What was found wrong, in words; the counts are what the run is about. */
export type Findings = { lost: string[]; twice: string[]; wrong: string[] }

/**
 * Many who only send, shared out over their channels, a round at a time. After each round the database must hold what
 * was acknowledged in it, once, and nothing else.
 */
export function createFlood({ product, members, channelIds, ledger }: Options) {
  const rounds: Map<string, string>[] = channelIds.map(() => new Map())
  const lastSeq = channelIds.map(() => 0)
  let loads: ReturnType<typeof startLoad>[] = []
  let misses = 0
  const missed: { goal: number; resolve: () => void }[] = []

  function onMiss() {
    misses++
    for (const wait of missed.splice(0)) {
      if (wait.goal <= misses) wait.resolve()
      else missed.push(wait)
    }
  }

  return {
    start(name: string) {
      loads = channelIds.map((channelId, index) =>
        startLoad({
          url: product.url,
          key: product.secrets.publishableKey,
          members: members.filter((_, person) => person % channelIds.length === index),
          channelId,
          name: `${name}.${index}`,
          onAck: (id) => ledger.write({ kind: 'send', id }),
          onMiss,
        }),
      )
    },
    /** Resolves after so many more attempts that were not acknowledged. */
    missed: (count: number) =>
      new Promise<void>((resolve) => void missed.push({ goal: misses + count, resolve })),
    /** Refusals end a sender: what nobody expects. */
    refused: () => loads.flatMap((load) => load.refused),
    async stop() {
      for (const wait of missed.splice(0)) wait.resolve()
      await Promise.all(loads.map((load) => load.stop()))
      loads.forEach((load, index) => {
        for (const [id, body] of load.acked) rounds[index]?.set(id, body)
      })
    },
    /** Compares what came since the last time; with `all` everything, from the first message on. */
    async check({ all = false } = {}): Promise<Findings> {
      const findings: Findings = { lost: [], twice: [], wrong: [] }
      const sql = openDatabase(product)
      for (const [index, channelId] of channelIds.entries()) {
        const acked = rounds[index] as Map<string, string>
        const since = all ? 0 : (lastSeq[index] as number)
        const stored = await sql<{ id: string; body: string; seq: number; rev: number }[]>`
          select id, body, seq::int, rev::int from public.messages
          where channel_id = ${channelId} and seq > ${since} order by seq`
        const bodies = new Set<string>()
        let found = 0
        stored.forEach(({ id, body, seq, rev }, place) => {
          if (seq !== since + place + 1 || rev !== seq)
            findings.wrong.push(`${id} has seq ${seq} and rev ${rev}`)
          if (bodies.has(body)) findings.twice.push(`"${body}" is stored twice`)
          bodies.add(body)
          if (acked.get(id) === body) found++
          else findings.wrong.push(`"${body}" was never acknowledged`)
        })
        const known = new Set(stored.map(({ id }) => id))
        const expected = all ? acked.size : acked.size - (lastSeq[index] as number)
        if (found < expected) {
          const missing = [...acked.keys()].slice(all ? 0 : -expected).filter((id) => !known.has(id))
          findings.lost.push(...missing.map((id) => `"${acked.get(id)}" ${id}`))
        }
        lastSeq[index] = stored.at(-1)?.seq ?? since
      }
      await sql.end()
      return findings
    },
  }
}
