import type { Logger } from 'pino'
import type { Principal } from './principals'
import { type BroadcastBody, broadcastSize } from './protocol/broadcast'
import type { TopicName } from './topics'
import type { Relation, Tuple } from './wal/pgoutput'

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

/** Broadcasts that come from SQL: `realtime.send` and its relatives put them into `realtime.messages`. */
export class Broadcasts {
  private readonly options: Options

  constructor(options: Options) {
    this.options = options
  }

  /** Whether a table is the one that messages are sent through. */
  isSentThrough({ schema, name }: Relation): boolean {
    return schema === 'realtime' && name === 'messages'
  }

  /** Sends a row of `realtime.messages` that the transaction `xid` committed. */
  fromRow({ columns }: Relation, row: Tuple, xid: number): void {
    const { send, maxBytes, log } = this.options
    const field = (name: string) => row[columns.findIndex((column) => column.name === name)]
    const [id, topic, event] = [field('id'), field('topic'), field('event')]
    if (!id || !topic || typeof event !== 'string' || field('extension') !== 'broadcast') return
    const body = storedBody({
      ...{ event, json: field('payload') ?? null, meta: { id } },
      bytes: bytesOf(field('binary_payload')),
    })
    if (broadcastSize(body) > maxBytes) log.warn({ topic }, 'realtime: a broadcast from SQL is too large')
    else send({ name: topic, private: field('private') !== 'f' }, { ...body, xid })
  }
}

/** A message as `realtime.messages` holds it, and what receivers are told of it. */
type Stored = {
  event: string
  json: string | null
  bytes: Buffer | null
  meta: Record<string, unknown>
}

/** The body of a stored message. Bytes win, as upstream. */
export function storedBody({ event, json, bytes, meta }: Stored): BroadcastBody {
  const head = { event, meta: JSON.stringify(meta) }
  return bytes ? { ...head, bytes } : { ...head, json: json ?? '{}' }
}

/** Bytes as the stream prints them: `\x00ff`. */
function bytesOf(text: string | null | undefined): Buffer | null {
  return typeof text === 'string' ? Buffer.from(text.slice(2), 'hex') : null
}
