import { randomBytes } from 'node:crypto'
import type { Limits } from './limits'
import { Budgets } from './presence-budget'
import { encodeText } from './protocol/codec'
import { TOPIC_PREFIX } from './protocol/envelope'
import type { Meta } from './protocol/presence'
import { framesByVsn, type Listener, type TopicName, topicKey } from './topics'

/** Changes within this time of the last diff wait for the next one: a crowd that flaps costs few frames. */
const BATCH_MS = 100
/** Every diff is a write to everybody who watches: five thousand are told once a second. */
const BATCH_MS_PER_WATCHER = 0.2
const MAX_BATCH_MS = 1_000
/** What an entry takes on the wire besides its key and what was tracked. */
const ENTRY_BYTES = 64

/** Somebody who wants to be shown. `payer`: whose limits count it; `named`: a person, not all who come from an address. */
export type Showing = { key: string; meta: Record<string, unknown>; payer: string; named: boolean }

/** Who is shown now, as JSON. */
export type State = { json: string; bytes: Buffer }

export type PresenceLimits = Pick<
  Limits,
  'maxPresenceEntries' | 'maxPresenceBytes' | 'maxPresenceCalls' | 'presenceWindowMs' | 'maxBufferedBytes'
>

/** Who is shown on each topic, and who watches. */
export class Presence<L extends Listener> {
  private readonly rooms = new Map<string, Room<L>>()
  private readonly limits: PresenceLimits

  constructor(limits: PresenceLimits) {
    this.limits = limits
  }

  /** Starts sending diffs to a listener; returns who is shown now. */
  watch(topic: TopicName, listener: L): State {
    return this.room(topic).watch(listener)
  }

  /** Shows a listener under a key, or changes what is shown. False: it does not fit any more. */
  track(topic: TopicName, listener: L, showing: Showing): boolean {
    return this.room(topic).track(listener, showing)
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
      room = new Room<L>(TOPIC_PREFIX + topic.name, this.limits)
      this.rooms.set(key, room)
    }
    return room
  }
}

type Shown = { key: string; meta: Meta; json: string; bytes: number; payer: string; named: boolean }
/** A key as the watchers know it. */
type Told = { metas: Meta[]; json: string }

class Room<L extends Listener> {
  private readonly watchers = new Set<L>()
  private readonly shown = new Map<L, Shown>()
  private readonly byKey = new Map<string, Set<L>>()
  private readonly told = new Map<string, Told>()
  private readonly changed = new Set<string>()
  /** Keys of payers who have been told of too often: they wait. */
  private readonly late = new Map<string, Set<string>>()
  private readonly bytesOf = new Map<string, number>()
  private bytes = 0
  private state: State | null = null
  private toldAt = 0
  private readonly wire: string
  private readonly limits: PresenceLimits
  private readonly budgets: Budgets

  constructor(wire: string, limits: PresenceLimits) {
    this.wire = wire
    this.limits = limits
    this.budgets = new Budgets(limits.presenceWindowMs)
  }

  /** A newcomer gets what the others were told last, and with them what comes next: nobody is told earlier for it. */
  watch(listener: L): State {
    this.watchers.add(listener)
    if (!this.state) {
      const json = objectOf([...this.told.values()])
      this.state = { json, bytes: Buffer.from(json) }
    }
    return this.state
  }

  track(listener: L, { key, meta: tracked, payer, named }: Showing): boolean {
    const json = JSON.stringify(tracked)
    const known = this.shown.get(listener)
    // Another token may have made the listener another person.
    if (known && (known.key !== key || known.payer !== payer)) this.untrack(listener)
    const before = this.shown.get(listener)
    if (before?.json === json) return true
    const bytes = Buffer.byteLength(key) + Buffer.byteLength(json) + ENTRY_BYTES
    if (!before && this.shown.size >= this.limits.maxPresenceEntries) return false
    if (!this.fits(payer, named, bytes - (before?.bytes ?? 0))) return false
    const { phx_ref: _ref, phx_ref_prev: _prev, ...own } = tracked
    const meta: Meta = { ...own, phx_ref: randomBytes(9).toString('base64url') }
    if (before) meta.phx_ref_prev = before.meta.phx_ref
    this.count(payer, bytes - (before?.bytes ?? 0))
    const now = { key, meta, json, bytes, payer, named }
    this.shown.set(listener, now)
    this.byKey.set(key, (this.byKey.get(key) ?? new Set()).add(listener))
    this.change(now)
    return true
  }

  untrack(listener: L): void {
    const before = this.shown.get(listener)
    if (!before) return
    this.shown.delete(listener)
    this.count(before.payer, -before.bytes)
    const same = this.byKey.get(before.key)
    if (same?.delete(listener) && same.size === 0) this.byKey.delete(before.key)
    this.change(before)
  }

  leave(listener: L): boolean {
    this.watchers.delete(listener)
    this.untrack(listener)
    return this.watchers.size === 0 && this.shown.size === 0
  }

  /** Everybody who comes is sent all of it: it has to fit into what a socket may have waiting, whoever fills it. */
  private fits(payer: string, named: boolean, more: number): boolean {
    const max = this.limits.maxBufferedBytes * 0.75
    const own = named ? this.limits.maxPresenceBytes * 4 : max / 2
    return this.bytes + more <= max && (this.bytesOf.get(payer) ?? 0) + more <= own
  }

  private count(payer: string, more: number): void {
    this.bytes += more
    const sum = (this.bytesOf.get(payer) ?? 0) + more
    if (sum > 0) this.bytesOf.set(payer, sum)
    else this.bytesOf.delete(payer)
  }

  /** Tells of a key soon; later, when its payer has made the others hear of them without a pause. */
  private change({ key, payer, named }: Shown): void {
    const late = this.late.get(payer)
    if (late) {
      late.add(key)
      return
    }
    const { maxPresenceBytes, maxPresenceCalls } = this.limits
    const budget = maxPresenceBytes * maxPresenceCalls * (named ? 1 : 10)
    const wait = this.budgets.take(payer, this.costOf(key), budget)
    if (wait === 0) {
      this.tellSoon(key)
      return
    }
    const keys = new Set([key])
    this.late.set(payer, keys)
    const tellLate = () => {
      this.late.delete(payer)
      for (const each of keys) {
        this.budgets.charge(payer, this.costOf(each), budget)
        this.tellSoon(each)
      }
    }
    setTimeout(tellLate, wait).unref()
  }

  private costOf(key: string): number {
    let bytes = ENTRY_BYTES + key.length
    for (const listener of this.byKey.get(key) ?? []) bytes += this.shown.get(listener)?.bytes ?? 0
    return bytes
  }

  private tellSoon(key: string): void {
    this.changed.add(key)
    if (this.changed.size > 1) return
    const batch = Math.min(MAX_BATCH_MS, Math.max(BATCH_MS, this.watchers.size * BATCH_MS_PER_WATCHER))
    const wait = Math.max(0, this.toldAt + batch - Date.now())
    if (wait === 0) setImmediate(() => this.flush())
    else setTimeout(() => this.flush(), wait)
  }

  /**
   * Tells the watchers what changed. A key that is left with somebody is told in two steps, all of it gone and then all
   * of it back: realtime-js forgets the references of presences that stay while others of their key come or go, and
   * would show them for ever.
   */
  private flush(): void {
    const gone = new Map<string, Told>()
    const here = new Map<string, Told>()
    for (const key of this.changed) {
      const before = this.told.get(key)
      const metas = [...(this.byKey.get(key) ?? [])].flatMap(
        (listener) => this.shown.get(listener)?.meta ?? [],
      )
      if (before?.metas.length === metas.length && before.metas.every((meta, i) => meta === metas[i]))
        continue
      if (before) gone.set(key, before)
      this.told.delete(key)
      if (metas.length === 0) continue
      const now = { metas, json: `${JSON.stringify(key)}:${JSON.stringify({ metas })}` }
      this.told.set(key, now)
      here.set(key, now)
    }
    this.changed.clear()
    this.toldAt = Date.now()
    if (gone.size === 0 && here.size === 0) return
    this.state = null
    const twice = [...here.keys()].some((key) => gone.has(key))
    if (twice) this.tell(new Map(), gone)
    if (here.size > 0 || !twice) this.tell(here, twice ? new Map() : gone)
  }

  private tell(joins: Map<string, Told>, leaves: Map<string, Told>): void {
    const json = `{"joins":${objectOf([...joins.values()])},"leaves":${objectOf([...leaves.values()])}}`
    const envelope = { joinRef: null, ref: null, topic: this.wire, event: 'presence_diff' } as const
    const frameFor = framesByVsn((vsn) => encodeText(vsn, envelope, json))
    for (const watcher of this.watchers) {
      const frame = frameFor(watcher.vsn)
      if (frame) watcher.deliver('presence', frame)
    }
  }
}

const objectOf = (entries: Told[]) => `{${entries.map(({ json }) => json).join()}}`
