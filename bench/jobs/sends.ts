import { millisecondsSince, now, openLoop } from '../open-loop'
import { percentile } from '../statistics'
import type { SendOptions, SendResult } from './job'

/** Sends one message for the sender with this index and resolves when it is durable. */
export type Send = (sender: number, message: number) => Promise<void>

/**
 * The same load for every way to send, so that a line and a product are driven alike: each sender has at most one
 * message under way; scheduled messages wait for a free sender and that wait counts.
 */
export async function runSends(options: SendOptions, send: Send): Promise<SendResult> {
  const latencies: number[] = []
  const failures: string[] = []
  const attempt = async (sender: number, message: number, since: bigint) => {
    try {
      await send(sender, message)
      latencies.push(millisecondsSince(since))
    } catch (error) {
      failures.push(String(error))
    }
  }
  const started = now()
  const late = options.perSecond
    ? await scheduled(options, options.perSecond, attempt)
    : await flatOut(options, attempt)
  return {
    acks: latencies.length,
    failures,
    seconds: millisecondsSince(started) / 1000,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    generatorLateP99: late,
  }
}

type Attempt = (sender: number, message: number, since: bigint) => Promise<void>

async function flatOut({ senders, seconds }: SendOptions, attempt: Attempt) {
  const end = now() + BigInt(Math.round(seconds * 1e9))
  let message = 0
  await Promise.all(
    senders.map(async (_, sender) => {
      while (now() < end) await attempt(sender, message++, now())
    }),
  )
  return 0
}

async function scheduled({ senders, seconds }: SendOptions, perSecond: number, attempt: Attempt) {
  const idle = senders.map((_, index) => index)
  const waiting: { message: number; since: bigint }[] = []
  const running = new Set<Promise<void>>()
  const start = (message: number, since: bigint) => {
    const sender = idle.shift()
    if (sender === undefined) return void waiting.push({ message, since })
    const done = attempt(sender, message, since).then(() => {
      running.delete(done)
      idle.push(sender)
      const next = waiting.shift()
      if (next) start(next.message, next.since)
    })
    running.add(done)
  }
  const lateness = await openLoop({ perSecond, seconds, act: start })
  while (running.size > 0) await Promise.all(running)
  return percentile(lateness, 0.99)
}
