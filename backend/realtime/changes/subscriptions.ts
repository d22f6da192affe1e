import { createHash } from 'node:crypto'
import type { Channel } from '../channel'
import { type Few, membersOf, withMember, withoutMember } from '../few'
import type { Principal } from '../principals'
import { Group, type Params, type Wanted } from './group'

/** A value of the changed row as text; undefined: the change does not have it. */
type FieldOf = (column: string) => string | null | undefined

/** The groups of one table name, found by the value that their first equality filter wants. */
class TableIndex {
  readonly byColumn = new Map<string, Map<string, Few<Group>>>()
  readonly others = new Set<Group>()
}

/** Who wants which changes. A change looks its groups up; it does not go through them. */
export class Subscriptions {
  private readonly groups = new Map<string, Group>()
  private readonly tables = new Map<string, TableIndex>()
  private readonly byChannel = new Map<Channel, Group[]>()
  private readonly byPrincipal = new Map<Principal, Few<Channel>>()

  /** Returns the groups that the channel is in now, one for each thing it wants. */
  add(channel: Channel, principal: Principal, wanted: Wanted[]): Group[] {
    const groups = [...(this.byChannel.get(channel) ?? []), ...wanted.map((each) => this.groupOf(each))]
    for (const group of groups) group.add(principal, channel)
    this.byChannel.set(channel, groups)
    this.byPrincipal.set(principal, withMember(this.byPrincipal.get(principal), channel))
    return groups
  }

  remove(channel: Channel, principal: Principal): void {
    for (const group of this.byChannel.get(channel) ?? []) {
      group.remove(principal, channel)
      if (group.size === 0) this.drop(group)
    }
    this.byChannel.delete(channel)
    const others = withoutMember(this.byPrincipal.get(principal), channel)
    if (others) this.byPrincipal.set(principal, others)
    else this.byPrincipal.delete(principal)
  }

  private groupOf(wanted: Wanted): Group {
    const { id, binding, params } = wanted
    const { event, schema, table, filter, select } = binding
    // Short, where the text would be held for everybody who has a filter of their own.
    const key = createHash('sha256')
      .update(JSON.stringify([id, event, schema, table, filter, select, params]))
      .digest('base64')
    let group = this.groups.get(key)
    if (!group) {
      group = new Group(key, wanted)
      this.groups.set(key, group)
      this.index(group)
    }
    return group
  }

  /** Groups whose table and first equality filter fit; their other conditions are still to be looked at. */
  *candidates(schema: string, table: string, fieldOf: FieldOf): Iterable<Group> {
    for (const name of [`${schema}.${table}`, `${schema}.*`, `*.${table}`, '*.*']) {
      const index = this.tables.get(name)
      if (!index) continue
      yield* index.others
      for (const [column, values] of index.byColumn) {
        const value = fieldOf(column)
        if (typeof value === 'string') yield* membersOf(values.get(value))
      }
    }
  }

  /** Where several channels are of one principal, a group may come more than once. */
  *groupsOf(principal: Principal): Iterable<Group> {
    for (const channel of membersOf(this.byPrincipal.get(principal))) yield* this.byChannel.get(channel) ?? []
  }

  all(): Iterable<Group> {
    return this.groups.values()
  }

  private index(group: Group): void {
    const { name, equality } = placeOf(group.params)
    const index = this.tables.get(name) ?? new TableIndex()
    this.tables.set(name, index)
    if (!equality) {
      index.others.add(group)
      return
    }
    const { column, value } = equality
    const values = index.byColumn.get(column) ?? new Map<string, Few<Group>>()
    index.byColumn.set(column, values)
    values.set(value, withMember(values.get(value), group))
  }

  private drop(group: Group): void {
    this.groups.delete(group.key)
    const { name, equality } = placeOf(group.params)
    const index = this.tables.get(name)
    if (!index) return
    index.others.delete(group)
    const values = equality && index.byColumn.get(equality.column)
    if (values) {
      const others = withoutMember(values.get(equality.value), group)
      if (others) values.set(equality.value, others)
      else values.delete(equality.value)
      if (values.size === 0) index.byColumn.delete(equality.column)
    }
    if (index.byColumn.size === 0 && index.others.size === 0) this.tables.delete(name)
  }
}

function placeOf({ schema, table, conditions }: Params) {
  const first = conditions.find(({ operator, negated, exact }) => operator === 'eq' && !negated && exact)
  const value = first?.values[0]
  return {
    name: `${schema}.${table}`,
    equality: first && value !== undefined ? { column: first.column, value } : null,
  }
}

/** The id clients know a binding by: 27 bits, the same for the same parameters, as upstream. */
export function bindingId(binding: Record<string, unknown>): number {
  const { event, schema, table, filter, select } = binding
  const text = JSON.stringify([event, schema, table, filter, select])
  return createHash('sha256').update(text).digest().readUInt32BE(0) >>> 5
}
