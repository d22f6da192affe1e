import { v7 as uuidv7 } from 'uuid'
import { openConnection } from '../http-connection'
import { millisecondsSince, openLoop } from '../open-loop'
import { percentile } from '../statistics'
import { messageBody, type Sender } from './job'
import { SEND_PATH, sendHeaders } from './rest-sends'

export type FindableOptions = {
  url: string
  key: string
  workspaceId: string
  senders: Sender[]
  /** Messages that are looked for, each by a word that no other has. */
  perSecond: number
  /** Messages that nobody looks for, beside them. */
  noisePerSecond: number
  seconds: number
}

export type FindableResult = { found: number; failures: string[]; p50: number; p99: number; late: number }

/** Longer than any target: what is not found until then counts as lost. */
const PATIENCE_MS = 15_000

/**
 * How long after a message should have been sent a search for it finds it. Every sender has a connection to send on and one
 * to search on; each looks again as soon as it has its answer.
 */
export async function findable(options: FindableOptions): Promise<FindableResult> {
  const { url, key, workspaceId, senders, perSecond, noisePerSecond, seconds } = options
  const open = () => Promise.all(senders.map(({ token }) => openConnection(url, sendHeaders(key, token))))
  const [writing, searching, noisy] = await Promise.all([open(), open(), open()])
  const busy: Promise<unknown>[] = senders.map(() => Promise.resolve())
  const noisyBusy: Promise<unknown>[] = senders.map(() => Promise.resolve())
  const latencies: number[] = []
  const failures: string[] = []

  const send = async (connection: (typeof writing)[number], sender: number, body: string) => {
    const row = { id: uuidv7(), channel_id: senders[sender]?.channelId, thread_id: null, body }
    const answer = await connection?.send(SEND_PATH, JSON.stringify(row))
    if (answer?.status !== 201) throw new Error(`${answer?.status} ${answer?.body}`)
  }
  const find = async (sender: number, word: string) => {
    const asked = JSON.stringify({ workspace_id: workspaceId, terms: [{ text: word }] })
    const answer = await searching[sender]?.send('/rest/v1/rpc/search_messages', asked)
    if (answer?.status !== 200) throw new Error(`${answer?.status} ${answer?.body}`)
    return JSON.parse(answer.body).messages.length === 1
  }
  const follow = async (sender: number, word: string, since: bigint) => {
    await send(writing[sender] as (typeof writing)[number], sender, `A message with the word ${word} in it`)
    while (!(await find(sender, word))) {
      if (millisecondsSince(since) > PATIENCE_MS) throw new Error(`${word} was not found`)
    }
    latencies.push(millisecondsSince(since))
  }
  const queue = (line: Promise<unknown>[], index: number, work: (sender: number) => Promise<void>) => {
    const sender = index % senders.length
    line[sender] = (line[sender] as Promise<unknown>)
      .then(() => work(sender))
      .catch((error) => failures.push(String(error)))
  }
  const tag = uuidv7().slice(-8)
  const [lateness] = await Promise.all([
    openLoop({
      perSecond,
      seconds,
      act: (index, since) => queue(busy, index, (sender) => follow(sender, `needle${tag}x${index}`, since)),
    }),
    openLoop({
      perSecond: noisePerSecond,
      seconds,
      act: (index) =>
        queue(noisyBusy, index, (sender) =>
          send(noisy[sender] as (typeof noisy)[number], sender, messageBody(index)),
        ),
    }),
  ])
  await Promise.all([...busy, ...noisyBusy])
  for (const connection of [...writing, ...searching, ...noisy]) connection.close()
  return {
    found: latencies.length,
    failures,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    late: percentile(lateness, 0.99),
  }
}
