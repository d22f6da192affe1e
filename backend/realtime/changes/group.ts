import type { Channel } from '../channel'
import { type Few, membersOf, withMember, withoutMember } from '../few'
import type { Principal } from '../principals'
import type { Binding } from '../protocol/join'
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

/** A binding as it was sent, the id that its client knows it by, and what it means. */
export type Wanted = { id: number; binding: Binding; params: Params }

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
  readonly binding: Binding
  readonly params: Params
  /** `place`: in the order of arrival. */
  private readonly members = new Map<Principal, { channels: Few<Channel>; place: number }>()
  /** In the order of arrival; null: left. Audiences only remember how far in it they have asked. */
  private order: (Principal | null)[] = []
  /** By table and scope. Made when it is needed: most groups are of one person and hear of nothing. */
  private audiences: Map<number, Map<string, Audience>> | null = null

  constructor(key: string, { id, binding, params }: Wanted) {
    this.key = key
    this.id = id
    this.binding = binding
    // A list that was pushed to keeps room for sixteen more.
    this.params = { ...params, conditions: [...params.conditions] }
  }

  get size(): number {
    return this.members.size
  }

  get principals(): Iterable<Principal> {
    return this.members.keys()
  }

  channels(principal: Principal): Iterable<Channel> {
    return membersOf(this.members.get(principal)?.channels)
  }

  /** True when the principal is new here. */
  add(principal: Principal, channel: Channel): boolean {
    const member = this.members.get(principal)
    if (member) {
      member.channels = withMember(member.channels, channel)
      return false
    }
    this.members.set(principal, { channels: channel, place: this.order.length })
    if (this.order.length === 0) this.order = [principal]
    else this.order.push(principal)
    return true
  }

  /** True when that was the principal's last channel here. */
  remove(principal: Principal, channel: Channel): boolean {
    const member = this.members.get(principal)
    if (!member) return false
    member.channels = withoutMember(member.channels, channel)
    if (member.channels) return false
    this.members.delete(principal)
    this.order[member.place] = null
    // Whoever comes back is asked again: what changed meanwhile was not noted for them.
    for (const audience of this.some(null, null)) {
      audience.allowed.delete(principal)
      audience.again.delete(principal)
    }
    if (this.order.length > 64 && this.order.length > this.members.size * 2) this.compact()
    return true
  }

  audience(table: number, scope: string, now = Date.now()): Audience {
    this.audiences ??= new Map()
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
    const place = this.members.get(principal)?.place
    if (place === undefined) return
    for (const audience of this.some(table, scope)) {
      audience.allowed.delete(principal)
      if (place < audience.asked) audience.again.add(principal)
    }
  }

  /** The same for everybody. */
  forgetAll(table: number | null, scope: string | null): void {
    if (table === null) this.audiences = null
    else if (scope === null) this.audiences?.delete(table)
    else this.audiences?.get(table)?.delete(scope)
  }

  private *some(table: number | null, scope: string | null): Iterable<Audience> {
    if (!this.audiences) return
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
    for (const [place, principal] of this.order.entries()) {
      const member = principal && this.members.get(principal)
      if (member) member.place = place
    }
  }
}
