import { millisecondsSince, now } from '../open-loop'
import { percentile } from '../statistics'

export type ReadResult = { answers: number; failures: string[]; seconds: number } & Record<
  'p50' | 'p95' | 'p99' | 'bytes',
  number
>

/** Reads that readers make one after the other: how many a second, how long each took, and how large one was. */
export async function runReads(
  readers: number,
  seconds: number,
  read: (reader: number, turn: number) => Promise<number>,
): Promise<ReadResult> {
  const latencies: number[] = []
  const sizes: number[] = []
  const failures: string[] = []
  const started = now()
  const end = started + BigInt(Math.round(seconds * 1e9))
  await Promise.all(
    Array.from({ length: readers }, async (_, reader) => {
      for (let turn = 0; now() < end; turn++) {
        const since = now()
        try {
          sizes.push(await read(reader, turn))
          latencies.push(millisecondsSince(since))
        } catch (error) {
          failures.push(String(error))
        }
      }
    }),
  )
  return {
    answers: latencies.length,
    failures,
    seconds: millisecondsSince(started) / 1000,
    p50: percentile(latencies, 0.5),
    p95: percentile(latencies, 0.95),
    p99: percentile(latencies, 0.99),
    bytes: percentile(sizes, 0.5),
  }
}

/** Each reader goes round these; more than a few make a walk that no cache of one page can serve. */
export type RestRead = { token: string; requests: { path: string; body?: string }[] }
