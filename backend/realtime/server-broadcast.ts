import type { Logger } from 'pino'
import type { Principal } from './principals'
import { type BroadcastBody, broadcastSize } from './protocol/broadcast'
import type { TopicName } from './topics'

/** Sends to everybody on a topic. */
export type Send = (topic: TopicName, body: BroadcastBody) => void

/** On private topics receivers learn from the server who speaks; what the payload says of that proves nothing. */
export function signedBy({ sub }: Principal, topic: TopicName, body: BroadcastBody): BroadcastBody {
  return topic.private && sub !== null ? { ...body, meta: JSON.stringify({ user_id: sub }) } : body
}

type Options = {
  send: Send
  maxBytes: number
  log: Logger
}

/** Broadcasts that come from SQL: `realtime.send` and its relatives. */
export class Broadcasts {
  private readonly options: Options

  constructor(options: Options) {
    this.options = options
  }

  /** Sends what `realtime.emit` wrote into the WAL. */
  fromDatabase(content: string): void {
    const { send, maxBytes, log } = this.options
    const { id, topic, event, private: isPrivate, json, bytes } = JSON.parse(content) as Emitted
    if (typeof topic !== 'string' || typeof event !== 'string') return
    const meta = JSON.stringify({ id })
    const body: BroadcastBody =
      typeof bytes === 'string'
        ? { event, bytes: Buffer.from(bytes, 'base64'), meta }
        : { event, json: json ?? '{}', meta }
    if (broadcastSize(body) > maxBytes) log.warn({ topic }, 'realtime: a broadcast from SQL is too large')
    else send({ name: topic, private: isPrivate !== false }, body)
  }
}

type Emitted = {
  id: string
  topic?: unknown
  event?: unknown
  private?: boolean
  json?: string
  bytes?: string
}
