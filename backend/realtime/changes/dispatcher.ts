import { setImmediate } from 'node:timers/promises'
import type postgres from 'postgres'
import { isDatabaseAway } from '../../errors'
import { deliveries, deliverySeconds } from '../../metrics/metrics'
import type { Channel } from '../channel'
import { frameOf, SharedFrame } from '../frame'
import type { Principal } from '../principals'
import { encodeText } from '../protocol/codec'
import type { Vsn } from '../protocol/envelope'
import type { Between } from './between'
import type { CatalogueState } from './catalogue'
import type { Conditions } from './conditions'
import type { Group } from './group'
import { type Change, dataJson, fieldOf, valuesOf } from './payload'
import type { Subscriptions } from './subscriptions'
import { fillUnchanged } from './toast'
import { Answers, type Visibility } from './visibility'

type Options = {
  /** A superuser that prints as the stream does. */
  reader: postgres.Sql
  subscriptions: Subscriptions
  conditions: Conditions
  visibility: Visibility
  /** Nobody speaks for another token while it is found out who is told. */
  between: Between
  maxRecordBytes: number
}

/**
 * Channels told in one turn: a few milliseconds. Writing to their sockets, which takes twenty times as long, has turns of
 * its own; the next change, perhaps for others, does not wait for that.
 */
export const TOLD_PER_TURN = 2_000

/** A group that a change concerns, with those of it who may see the change. `blind`: who that is cannot be found out. */
type Hit = { group: Group; principals: Iterable<Principal>; blind?: boolean }

/** Finds out who gets a change, and sends it. */
export class Dispatcher {
  private readonly options: Options
  /** Channels told, of all changes: many small ones would fill a turn and the sockets' buffers as one large one does. */
  private told = 0

  constructor(options: Options) {
    this.options = options
  }

  async dispatch(change: Change, xid: number, state: CatalogueState): Promise<void> {
    const { subscriptions } = this.options
    const { table, type } = change
    const candidates = [
      ...subscriptions.candidates(table.schema, table.name, (name) => fieldOf(change, name)),
    ].filter(({ params }) => params.event === '*' || params.event === type)
    if (candidates.length === 0) return
    await this.options.between.during(() => this.tell(change, xid, state, candidates))
  }

  private async tell(change: Change, xid: number, state: CatalogueState, candidates: Group[]): Promise<void> {
    try {
      const { current } = await fillUnchanged(this.options.reader, change, xid)
      const hits: Hit[] = []
      const answers = new Answers()
      for (const group of candidates) {
        const hit = await this.hit(change, group, state, current, answers)
        if (hit) hits.push(hit)
      }
      for (const group of candidates) breakOff(group, answers.failed)
      await this.send(change, hits)
    } catch (error) {
      // Away: the change comes again. Otherwise whoever might have had to hear of it must not go on as if nothing had been.
      if (!isDatabaseAway(error)) for (const group of candidates) breakOff(group)
      throw error
    }
  }

  private async hit(
    change: Change,
    group: Group,
    state: CatalogueState,
    current: boolean,
    answers: Answers,
  ): Promise<Hit | null> {
    const { table } = change
    const { role, conditions } = group.params
    const readable = table.readable.get(role)
    if (!readable || readable.size === 0) return null
    if (conditions.some(({ column }) => !readable.has(column))) return null
    const field = (name: string) => fieldOf(change, name)
    const local = this.options.conditions.holdHere(table, conditions, field)
    if (local === false) return null
    const hit: Hit = { group, principals: group.principals }
    if (table.rls && !state.bypass.has(role)) {
      const seeing = change.new
        ? await this.whoSees(change, group, current, answers)
        : await this.whoSawDeleted(change, group, answers)
      // Which filters hold would tell what is in a row that perhaps nobody here may see.
      if (!seeing && conditions.length > 0) return null
      if (seeing instanceof Set && seeing.size === 0) return null
      if (seeing) hit.principals = seeing
      else hit.blind = true
    }
    // Last, and only for those who may see the row: how long a pattern takes would tell others what is in it.
    if (local || (await this.holds(change, hit))) return hit
    return null
  }

  private async holds(change: Change, { group, principals }: Hit): Promise<boolean> {
    const { role, conditions } = group.params
    try {
      const field = (name: string) => fieldOf(change, name)
      const holds = await this.options.conditions.hold(change.table, role, conditions, field)
      if (this.options.conditions.isGivenUp(conditions)) giveUp(group)
      return holds
    } catch (error) {
      if (isDatabaseAway(error)) throw error
      // What somebody filters by breaks off nobody else.
      breakOff(group, principals)
      return false
    }
  }

  private async whoSees(
    change: Change,
    group: Group,
    current: boolean,
    answers: Answers,
  ): Promise<Iterable<Principal> | null> {
    const { visibility } = this.options
    const { table } = change
    const scope = current && table.scope ? valuesOf(change, change.new, table.scope.columns) : null
    const audience = scope && (await visibility.audience(group, table, scope, answers))
    if (audience) return audience
    const key = valuesOf(change, change.new, table.key)
    if (!key || key.length === 0) return null
    return visibility.ofRow(table, key, [...group.principals], answers)
  }

  /**
   * A deleted row cannot be asked about. Where its scope is known, those get to know who may see that scope, and whoever
   * the row itself names: a removed member hears of the removal. Otherwise everybody, as upstream does, which is why
   * only the key is sent. Filters tell what they look at: by more than the key they hold for those alone who may see it.
   */
  private async whoSawDeleted(change: Change, group: Group, answers: Answers): Promise<Iterable<Principal>> {
    const { table, old } = change
    const scope = table.scope ? valuesOf(change, old, table.scope.columns) : null
    const audience = scope && (await this.options.visibility.audience(group, table, scope, answers))
    if (group.params.conditions.some(({ column }) => !table.key.includes(column)))
      return audience || new Set()
    if (!audience) return group.principals
    const named = [...group.principals].filter(({ sub }) => sub !== null && old?.includes(sub))
    return named.length === 0 ? audience : new Set([...audience, ...named])
  }

  /**
   * One message per channel and set of columns; channels with the same ids and serializer share all but the topic. A
   * crowd is told in turns, so that others get on in between.
   */
  private async send(change: Change, hits: Hit[]): Promise<void> {
    let count = 0
    for (const { hit, targets } of variantsOf(hits)) {
      const data = this.data(change, hit)
      const ends = new Map<Vsn, Map<number[], Buffer>>()
      count += targets.size
      for (const [channel, { ids, principal }] of targets) {
        if (this.told++ % TOLD_PER_TURN === TOLD_PER_TURN - 1) await setImmediate()
        // It speaks for another token since: that one was not asked about.
        if (channel.principal !== principal) continue
        if (channel.legacy) {
          const head = { joinRef: null, ref: null, topic: channel.topic, event: change.type }
          channel.deliver('changes', frameOf(encodeText(channel.vsn, head, data)))
          continue
        }
        const byIds = ends.get(channel.vsn) ?? new Map<number[], Buffer>()
        ends.set(channel.vsn, byIds)
        const [before, after] = channel.aroundChanges
        const end = byIds.get(ids) ?? Buffer.from(`{"ids":[${ids.join()}],"data":${data}}${after}`)
        byIds.set(ids, end)
        channel.deliver('changes', new SharedFrame(before, end))
      }
    }
    if (count === 0) return
    deliveries.inc(count)
    const age = (Date.now() - Date.parse(change.committedAt)) / 1000
    deliverySeconds.observe({ table: change.table.name }, Math.max(0, age))
  }

  private data(change: Change, { group, blind }: Hit): string {
    // Without a key nobody can be asked about: clients are told so, and no more.
    if (blind) return noKey(change)
    const { role, select } = group.params
    const readable = change.table.readable.get(role) ?? new Set()
    const columns = select ? new Set(select.filter((name) => readable.has(name))) : readable
    return dataJson(change, columns, oldColumns(change, columns), this.options.maxRecordBytes)
  }
}

/** Ends channels of a group in a way that makes clients join again, and so read what they missed. */
function breakOff(group: Group, principals: Iterable<Principal> = group.principals): void {
  for (const principal of [...principals]) {
    for (const channel of [...group.channels(principal)]) channel.break()
  }
}

/** Once: a filter that was given up is not asked about again. */
function giveUp(group: Group): void {
  const { schema, table } = group.params
  const words = `A filter takes too long and is looked at no more: ${schema}.${table}`
  for (const principal of group.principals) {
    for (const channel of group.channels(principal)) channel.system('postgres_changes', 'error', words)
  }
}

/** The ids of a channel's bindings, and for whom it spoke when those were found who may see the change. */
type Target = { ids: number[]; principal: Principal }

type Variant = { hit: Hit; targets: Map<Channel, Target> }

/** Channels and the ids of their bindings, by what they see of the row. */
function variantsOf(hits: Hit[]): Iterable<Variant> {
  const variants = new Map<string, Variant>()
  for (const hit of hits) {
    const { group, principals, blind = false } = hit
    const { role, select } = group.params
    const key = JSON.stringify([role, select, blind])
    const variant = variants.get(key) ?? { hit, targets: new Map<Channel, Target>() }
    variants.set(key, variant)
    // The same list for everybody with the same bindings: what is made of it is made once.
    const alone = [group.id]
    const together = new Map<number[], number[]>()
    for (const principal of principals) {
      for (const channel of group.channels(principal)) {
        const before = variant.targets.get(channel)?.ids
        const ids = before ? (together.get(before) ?? [...before, group.id]) : alone
        if (before) together.set(before, ids)
        variant.targets.set(channel, { ids, principal: channel.principal })
      }
    }
  }
  return variants.values()
}

/**
 * What of the old row is told. Under RLS a deletion tells its key and no more; so does an update of what policies look
 * at, which may have moved the row to an audience that had no right to its old values.
 */
function oldColumns(change: Change, columns: Set<string>): Set<string> {
  const { table, type, old } = change
  if (!table.rls || !old) return columns
  const key = new Set(table.key.filter((name) => columns.has(name)))
  if (type === 'DELETE') return key
  const lookedAt = table.scope?.columns ?? table.row?.columns
  const moved = lookedAt?.some((name) => {
    const i = change.at.get(name) ?? -1
    return old[i] !== undefined && old[i] !== change.new?.[i]
  })
  return (moved ?? true) ? key : columns
}

function noKey({ table, type, committedAt }: Change): string {
  return JSON.stringify({
    schema: table.schema,
    table: table.name,
    commit_timestamp: committedAt,
    type,
    columns: [],
    record: {},
    errors: ['Error 400: Bad Request, no primary key'],
  })
}
