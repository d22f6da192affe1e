import { type Few, membersOf, withMember, withoutMember } from './few'
import { frameOf } from './frame'
import type { BroadcastBody } from './protocol/broadcast'
import { encodeBroadcast } from './protocol/codec'
import { TOPIC_PREFIX, type Vsn } from './protocol/envelope'

/** Public and private topics of the same name are different topics: nothing crosses. */
export type TopicName = { name: string; private: boolean }

/** Somebody who joined a topic. */
export type Listener = {
  vsn: Vsn
  deliver(kind: 'broadcast' | 'presence', frame: Buffer, xid?: number): void
}

export function topicKey(topic: TopicName): string {
  return `${topic.private ? 'private' : 'public'}:${topic.name}`
}

/** Who listens to which topic. */
export class Topics<L extends Listener> {
  private readonly topics = new Map<string, Few<L>>()

  add(topic: TopicName, listener: L): void {
    const key = topicKey(topic)
    this.topics.set(key, withMember(this.topics.get(key), listener))
  }

  remove(topic: TopicName, listener: L): void {
    const key = topicKey(topic)
    const others = withoutMember(this.topics.get(key), listener)
    if (others) this.topics.set(key, others)
    else this.topics.delete(key)
  }

  /** Sends to everybody on the topic but `except`. At most once, to those who are here now. */
  broadcast(topic: TopicName, body: BroadcastBody, except?: L): void {
    const listeners = this.topics.get(topicKey(topic))
    if (!listeners) return
    const wire = TOPIC_PREFIX + topic.name
    const frameFor = framesByVsn((vsn) => encodeBroadcast(vsn, wire, body))
    for (const listener of membersOf(listeners)) {
      if (listener === except) continue
      const frame = frameFor(listener.vsn)
      if (frame) listener.deliver('broadcast', frame, body.xid)
    }
  }
}

/** Builds each serializer's frame at most once, and only when somebody speaks it. */
export function framesByVsn(encode: (vsn: Vsn) => string | Buffer | null): (vsn: Vsn) => Buffer | null {
  const frames = new Map<Vsn, Buffer | null>()
  return (vsn) => {
    let frame = frames.get(vsn)
    if (frame === undefined) {
      const payload = encode(vsn)
      frame = payload === null ? null : frameOf(payload)
      frames.set(vsn, frame)
    }
    return frame
  }
}
