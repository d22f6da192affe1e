import { randomBytes } from 'node:crypto'
import { encodeText } from './protocol/codec'
import { TOPIC_PREFIX } from './protocol/envelope'
import type { Meta, PresenceEntries } from './protocol/presence'
import { framesByVsn, type Listener, type TopicName, topicKey } from './topics'

/** Changes within this time of the last diff wait for the next one: a crowd that flaps costs few frames. */
const BATCH_MS = 100

type Shown = { key: string; meta: Meta; json: string }

type Diff = { joins: PresenceEntries; leaves: PresenceEntries }

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
  private diff: Diff | null = null
  private sentAt = 0
  private readonly wire: string

  constructor(wire: string) {
    this.wire = wire
  }

  watch(listener: L): PresenceEntries {
    // Those already here must not see this diff after the state of the new one: everybody gets it first.
    this.flush()
    this.watchers.add(listener)
    const state: PresenceEntries = {}
    for (const { key, meta } of this.shown.values()) addTo(state, key, meta)
    return state
  }

  track(listener: L, key: string, tracked: Record<string, unknown>, max: number): boolean {
    const json = JSON.stringify(tracked)
    const before = this.shown.get(listener)
    if (before?.json === json) return true
    if (!before && this.shown.size >= max) return false
    const { phx_ref: _ref, phx_ref_prev: _prev, ...own } = tracked
    const meta: Meta = { ...own, phx_ref: randomBytes(9).toString('base64url') }
    if (before) meta.phx_ref_prev = before.meta.phx_ref
    this.shown.set(listener, { key, meta, json })
    if (before) this.note('leaves', before)
    this.note('joins', { key, meta })
    return true
  }

  untrack(listener: L): void {
    const before = this.shown.get(listener)
    if (!before) return
    this.shown.delete(listener)
    this.note('leaves', before)
  }

  leave(listener: L): boolean {
    this.watchers.delete(listener)
    this.untrack(listener)
    return this.watchers.size === 0 && this.shown.size === 0
  }

  private note(side: keyof Diff, { key, meta }: { key: string; meta: Meta }): void {
    if (!this.diff) {
      this.diff = { joins: {}, leaves: {} }
      const wait = Math.max(0, this.sentAt + BATCH_MS - Date.now())
      if (wait === 0) setImmediate(() => this.flush())
      else setTimeout(() => this.flush(), wait)
    }
    // Came and went within one diff: nobody heard of it, so nobody needs to.
    if (side === 'leaves' && removeFrom(this.diff.joins, key, meta.phx_ref)) return
    addTo(this.diff[side], key, meta)
  }

  private flush(): void {
    const diff = this.diff
    if (!diff) return
    this.diff = null
    if (Object.keys(diff.joins).length + Object.keys(diff.leaves).length === 0) return
    this.sentAt = Date.now()
    const json = JSON.stringify(diff)
    const envelope = { joinRef: null, ref: null, topic: this.wire, event: 'presence_diff' }
    const frameFor = framesByVsn((vsn) => encodeText(vsn, envelope, json))
    for (const watcher of this.watchers) {
      const frame = frameFor(watcher.vsn)
      if (frame) watcher.deliver('presence', frame)
    }
  }
}

function addTo(entries: PresenceEntries, key: string, meta: Meta): void {
  const entry = Object.hasOwn(entries, key) ? entries[key] : undefined
  if (entry) entry.metas.push(meta)
  // A key of "__proto__" is a key like any other.
  else
    Object.defineProperty(entries, key, {
      value: { metas: [meta] },
      enumerable: true,
      configurable: true,
      writable: true,
    })
}

function removeFrom(entries: PresenceEntries, key: string, ref: string): boolean {
  const entry = Object.hasOwn(entries, key) ? entries[key] : undefined
  if (!entry) return false
  const kept = entry.metas.filter((meta) => meta.phx_ref !== ref)
  if (kept.length === entry.metas.length) return false
  if (kept.length > 0) entry.metas = kept
  else delete entries[key]
  return true
}
