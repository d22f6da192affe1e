import type { Channel } from '../channel'
import type { Principal } from '../principals'
import type { Checked } from './conditions'

export type EventName = '*' | 'INSERT' | 'UPDATE' | 'DELETE'

/** What a binding asks for, checked and in canonical form, with the role that asks. */
export type Params = {
  role: string
  event: EventName
  /** `*`: every published one. */
  schema: string
  table: string
  conditions: Checked[]
  select: string[] | null
}

/** Who may see one scope of one table, as far as it has been asked. */
export type Audience = {
  allowed: Set<Principal>
  /** How far in the group's order everybody has been asked. */
  asked: number
  /** Asked before, but something has changed since. */
  again: Set<Principal>
  madeAt: number
}

/** Answers this old are asked for again, in case a policy depends on something it does not declare. */
const MAX_AGE_MS = 15 * 60_000

/** Audiences of one table in a group; the oldest go first. */
const MAX_AUDIENCES = 20_000

/** Everybody with the same binding and role: filters are looked at once for all of them, and frames are shared. */
export class Group {
  readonly key: string
  readonly id: number
  readonly params: Params
  private readonly members = new Map<Principal, Set<Channel>>()
  /** In the order of arrival; null: left. Audiences only remember how far in it they have asked. */
  private order: (Principal | null)[] = []
  private readonly places = new Map<Principal, number>()
  /** By table and scope. */
  private readonly audiences = new Map<number, Map<string, Audience>>()

  constructor(key: string, id: number, params: Params) {
    this.key = key
    this.id = id
    this.params = params
  }

  get size(): number {
    return this.members.size
  }

  get principals(): Iterable<Principal> {
    return this.members.keys()
  }

  channels(principal: Principal): Iterable<Channel> {
    return this.members.get(principal) ?? []
  }

  /** True when the principal is new here. */
  add(principal: Principal, channel: Channel): boolean {
    const channels = this.members.get(principal)
    if (channels) {
      channels.add(channel)
      return false
    }
    this.members.set(principal, new Set([channel]))
    this.places.set(principal, this.order.length)
    this.order.push(principal)
    return true
  }

  /** True when that was the principal's last channel here. */
  remove(principal: Principal, channel: Channel): boolean {
    const channels = this.members.get(principal)
    if (!channels?.delete(channel) || channels.size > 0) return false
    this.members.delete(principal)
    const place = this.places.get(principal)
    this.places.delete(principal)
    if (place !== undefined) this.order[place] = null
    // Whoever comes back is asked again: what changed meanwhile was not noted for them.
    for (const audience of this.some(null, null)) {
      audience.allowed.delete(principal)
      audience.again.delete(principal)
    }
    if (this.order.length > 64 && this.order.length > this.members.size * 2) this.compact()
    return true
  }

  audience(table: number, scope: string, now = Date.now()): Audience {
    const audiences = this.audiences.get(table) ?? new Map<string, Audience>()
    this.audiences.set(table, audiences)
    const found = audiences.get(scope)
    if (found && now - found.madeAt < MAX_AGE_MS) return found
    const made = { allowed: new Set<Principal>(), asked: 0, again: new Set<Principal>(), madeAt: now }
    audiences.delete(scope)
    audiences.set(scope, made)
    if (audiences.size > MAX_AUDIENCES) {
      const [oldest] = audiences.keys()
      if (oldest !== undefined) audiences.delete(oldest)
    }
    return made
  }

  /** Whoever an audience has not asked yet; they count as asked from now on. */
  unasked(audience: Audience): Principal[] {
    const found = [...audience.again]
    for (let i = audience.asked; i < this.order.length; i++) {
      const principal = this.order[i]
      if (principal) found.push(principal)
    }
    audience.again.clear()
    audience.asked = this.order.length
    return found
  }

  /** Something that this principal's answers depend on has changed. null: for every table, every scope. */
  forget(table: number | null, principal: Principal, scope: string | null): void {
    const place = this.places.get(principal)
    if (place === undefined) return
    for (const audience of this.some(table, scope)) {
      audience.allowed.delete(principal)
      if (place < audience.asked) audience.again.add(principal)
    }
  }

  /** The same for everybody. */
  forgetAll(table: number | null, scope: string | null): void {
    if (table === null) this.audiences.clear()
    else if (scope === null) this.audiences.delete(table)
    else this.audiences.get(table)?.delete(scope)
  }

  private *some(table: number | null, scope: string | null): Iterable<Audience> {
    const tables = table === null ? this.audiences.values() : [this.audiences.get(table)]
    for (const audiences of tables) {
      if (scope === null) yield* audiences?.values() ?? []
      else if (audiences?.has(scope)) yield audiences.get(scope) as Audience
    }
  }

  /** Closes the gaps of those who left. */
  private compact(): void {
    const live: number[] = [0]
    for (const principal of this.order) live.push((live.at(-1) ?? 0) + (principal ? 1 : 0))
    for (const audience of this.some(null, null)) audience.asked = live[audience.asked] ?? 0
    this.order = this.order.filter((principal) => principal !== null)
    for (const [place, principal] of this.order.entries()) if (principal) this.places.set(principal, place)
  }
}
