import { randomBytes } from 'node:crypto'
import { encodeText } from './protocol/codec'
import { TOPIC_PREFIX } from './protocol/envelope'
import type { Meta, PresenceEntries } from './protocol/presence'
import { framesByVsn, type Listener, type TopicName, topicKey } from './topics'

/** Changes within this time of the last diff wait for the next one: a crowd that flaps costs few frames. */
const BATCH_MS = 100

type Shown = { key: string; meta: Meta; json: string }

/** Who is shown on each topic, and who watches. */
export class Presence<L extends Listener> {
  private readonly rooms = new Map<string, Room<L>>()

  /** Starts sending diffs to a listener; returns who is shown now. */
  watch(topic: TopicName, listener: L): PresenceEntries {
    return this.room(topic).watch(listener)
  }

  /** Shows a listener under a key, or changes what is shown. False: the topic is full. */
  track(topic: TopicName, listener: L, key: string, meta: Record<string, unknown>, max: number): boolean {
    return this.room(topic).track(listener, key, meta, max)
  }

  untrack(topic: TopicName, listener: L): void {
    this.rooms.get(topicKey(topic))?.untrack(listener)
  }

  /** Ends watching and showing. */
  leave(topic: TopicName, listener: L): void {
    const key = topicKey(topic)
    const room = this.rooms.get(key)
    if (room?.leave(listener)) this.rooms.delete(key)
  }

  private room(topic: TopicName): Room<L> {
    const key = topicKey(topic)
    let room = this.rooms.get(key)
    if (!room) {
      room = new Room<L>(TOPIC_PREFIX + topic.name)
      this.rooms.set(key, room)
    }
    return room
  }
}

class Room<L extends Listener> {
  private readonly watchers = new Set<L>()
  private readonly shown = new Map<L, Shown>()
  private readonly byKey = new Map<string, Set<L>>()
  /** What the watchers were told last. */
  private readonly told = new Map<string, Meta[]>()
  private readonly changed = new Set<string>()
  private toldAt = 0
  private readonly wire: string

  constructor(wire: string) {
    this.wire = wire
  }

  watch(listener: L): PresenceEntries {
    // Those already here hear what is pending first, so that everybody knows the same from now on.
    this.flush()
    this.watchers.add(listener)
    return entriesOf(this.told)
  }

  track(listener: L, key: string, tracked: Record<string, unknown>, max: number): boolean {
    const json = JSON.stringify(tracked)
    // Another token may have made the listener another person.
    if (this.shown.get(listener)?.key !== key) this.untrack(listener)
    const before = this.shown.get(listener)
    if (before?.json === json) return true
    if (!before && this.shown.size >= max) return false
    const { phx_ref: _ref, phx_ref_prev: _prev, ...own } = tracked
    const meta: Meta = { ...own, phx_ref: randomBytes(9).toString('base64url') }
    if (before) meta.phx_ref_prev = before.meta.phx_ref
    this.shown.set(listener, { key, meta, json })
    this.byKey.set(key, (this.byKey.get(key) ?? new Set()).add(listener))
    this.change(key)
    return true
  }

  untrack(listener: L): void {
    const before = this.shown.get(listener)
    if (!before) return
    this.shown.delete(listener)
    const same = this.byKey.get(before.key)
    if (same?.delete(listener) && same.size === 0) this.byKey.delete(before.key)
    this.change(before.key)
  }

  leave(listener: L): boolean {
    this.watchers.delete(listener)
    this.untrack(listener)
    return this.watchers.size === 0 && this.shown.size === 0
  }

  private change(key: string): void {
    this.changed.add(key)
    if (this.changed.size > 1) return
    const wait = Math.max(0, this.toldAt + BATCH_MS - Date.now())
    if (wait === 0) setImmediate(() => this.flush())
    else setTimeout(() => this.flush(), wait)
  }

  /**
   * Tells the watchers what changed. A key that is left with somebody is told in two steps, all of it gone and then all
   * of it back: realtime-js forgets the references of presences that stay while others of their key come or go, and
   * would show them for ever.
   */
  private flush(): void {
    if (this.changed.size === 0) return
    const gone = new Map<string, Meta[]>()
    const here = new Map<string, Meta[]>()
    for (const key of this.changed) {
      const before = this.told.get(key) ?? []
      const now = [...(this.byKey.get(key) ?? [])].flatMap((listener) => this.shown.get(listener)?.meta ?? [])
      if (now.length > 0) this.told.set(key, now)
      else this.told.delete(key)
      if (before.length === now.length && before.every((meta, i) => meta === now[i])) continue
      if (before.length > 0) gone.set(key, before)
      if (now.length > 0) here.set(key, now)
    }
    this.changed.clear()
    this.toldAt = Date.now()
    const twice = [...here.keys()].some((key) => gone.has(key))
    if (twice) this.tell(new Map(), gone)
    if (here.size > 0 || (gone.size > 0 && !twice)) this.tell(here, twice ? new Map() : gone)
  }

  private tell(joins: Map<string, Meta[]>, leaves: Map<string, Meta[]>): void {
    const json = JSON.stringify({ joins: entriesOf(joins), leaves: entriesOf(leaves) })
    const envelope = { joinRef: null, ref: null, topic: this.wire, event: 'presence_diff' } as const
    const frameFor = framesByVsn((vsn) => encodeText(vsn, envelope, json))
    for (const watcher of this.watchers) {
      const frame = frameFor(watcher.vsn)
      if (frame) watcher.deliver('presence', frame)
    }
  }
}

function entriesOf(metas: Map<string, Meta[]>): PresenceEntries {
  return Object.fromEntries([...metas].map(([key, each]) => [key, { metas: each }]))
}
