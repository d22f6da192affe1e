import type { Channel } from '../channel'
import type { Changes } from '../hub'
import type { Limits } from '../limits'
import type { Principal } from '../principals'
import type { Binding } from '../protocol/join'
import type { Between } from './between'
import type { Callers } from './callers'
import type { Catalogue, CatalogueState, Table } from './catalogue'
import type { Conditions } from './conditions'
import { BindingError, parseFilter } from './filter'
import type { EventName, Group, Params, Wanted } from './group'
import { bindingId, type Subscriptions } from './subscriptions'
import { Turns } from './turns'

/** Whose changes a channel gets: checks bindings and keeps the subscriptions of channels. */
export class ChangeSubscriptions implements Changes {
  private readonly catalogue: Catalogue
  private readonly conditions: Conditions
  private readonly subscriptions: Subscriptions
  private readonly callers: Callers
  private readonly betweenChanges: Between
  /** What each channel has asked for, and as whom its subscriptions stand. */
  private readonly held = new Map<Channel, { principal: Principal; groups: Group[] }>()

  /** How many bindings each person has, and how many conditions of theirs only the database can look at. */
  private readonly counts = { bindings: new Map<string, number>(), asked: new Map<string, number>() }
  private readonly limits: Pick<Limits, 'maxAskedConditions' | 'maxBindingsPerPerson'>
  /** Somebody whose filters take long to check holds up nobody else. */
  private readonly turns = new Turns()

  constructor(
    catalogue: Catalogue,
    conditions: Conditions,
    subscriptions: Subscriptions,
    callers: Callers,
    betweenChanges: Between,
    limits: Pick<Limits, 'maxAskedConditions' | 'maxBindingsPerPerson'>,
  ) {
    this.limits = limits
    this.callers = callers
    this.betweenChanges = betweenChanges
    this.catalogue = catalogue
    this.conditions = conditions
    this.subscriptions = subscriptions
  }

  idOf(binding: Binding): number {
    return bindingId(binding)
  }

  async subscribe(channel: Channel, bindings: Binding[]): Promise<Binding[]> {
    for (;;) {
      const { principal } = channel
      const params = await this.turns.take(channel.socket.payer(principal), () =>
        this.check(channel, bindings),
      )
      if (channel.state === 'closed') return []
      // The token changed meanwhile: the columns may be others.
      if (channel.principal.role !== principal.role) continue
      const wanted = bindings.map((binding, i) => ({
        binding,
        id: this.idOf(binding),
        params: params[i] as Params,
      }))
      const groups = this.put(channel, wanted)
      const { calls } = await this.catalogue.get(principal.role)
      this.callers.expect(calls.get(principal.role) ?? [], principal)
      return groups.map(({ binding }) => binding)
    }
  }

  between<Result>(work: () => Result): Promise<Result> {
    return this.betweenChanges.take(work)
  }

  async move(channel: Channel): Promise<void> {
    const held = this.held.get(channel)
    if (!held) return
    this.unsubscribe(channel)
    if (held.principal.role === channel.principal.role) this.put(channel, held.groups)
    else
      await this.subscribe(
        channel,
        held.groups.map(({ binding }) => binding),
      )
  }

  unsubscribe(channel: Channel): void {
    const held = this.held.get(channel)
    if (!held) return
    this.held.delete(channel)
    this.subscriptions.remove(channel, held.principal)
    this.count(channel, held.principal, held.groups, -1)
  }

  /** Ends with the first binding that cannot be: each may take the database half a second. */
  private async check(channel: Channel, bindings: Binding[]): Promise<Params[]> {
    const { role } = channel.principal
    const params: Params[] = []
    for (const binding of bindings) {
      if (channel.state === 'closed') break
      params.push(await this.paramsOf(binding, role))
      if (askedIn(params) > this.limits.maxAskedConditions) throw this.tooManyAsked()
    }
    return params
  }

  private put(channel: Channel, wanted: Wanted[]): Group[] {
    const { principal } = channel
    this.unsubscribe(channel)
    this.count(channel, principal, wanted, 1)
    const groups = this.subscriptions.add(channel, principal, wanted)
    this.held.set(channel, { principal, groups })
    return groups
  }

  /**
   * Counts what a channel asks for, or no longer does. Adds nothing when that is too much. What the database is asked
   * about is counted for all together who have no name. @throws BindingError
   */
  private count(channel: Channel, principal: Principal, wanted: Wanted[], sign: 1 | -1): void {
    const params = wanted.map((each) => each.params)
    const { maxAskedConditions, maxBindingsPerPerson } = this.limits
    const bindings = { map: this.counts.bindings, key: channel.socket.payer(principal) }
    const asked = { map: this.counts.asked, key: principal.sub ?? `role ${principal.role}` }
    const sumOf = ({ map, key }: typeof asked, more: number) => (map.get(key) ?? 0) + sign * more
    const sums = [sumOf(bindings, params.length), sumOf(asked, askedIn(params))] as const
    if (sign > 0 && sums[0] > maxBindingsPerPerson) {
      throw new BindingError(`Too many postgres_changes, at most ${maxBindingsPerPerson}`)
    }
    if (sign > 0 && askedIn(params) > 0 && sums[1] > maxAskedConditions) throw this.tooManyAsked()
    for (const [i, { map, key }] of [bindings, asked].entries()) {
      if (sums[i]) map.set(key, sums[i])
      else map.delete(key)
    }
  }

  private tooManyAsked(): BindingError {
    const { maxAskedConditions } = this.limits
    return new BindingError(`Too many filters that need the database, at most ${maxAskedConditions}`)
  }

  private async paramsOf(binding: Binding, role: string): Promise<Params> {
    const table = nameOf(binding.table) ?? '*'
    // A table without a schema is one of public; no table at all is every table.
    const schema = nameOf(binding.schema) ?? (binding.table === undefined ? '*' : 'public')
    const named = ({ tables }: CatalogueState) =>
      [...tables.values()].filter(
        (each) => (schema === '*' || each.schema === schema) && (table === '*' || each.name === table),
      )
    let found = named(await this.catalogue.get(role))
    if (found.length === 0) found = named(await this.catalogue.renewed(role))
    if (found.length === 0) throw new BindingError(notEnabled(binding, schema, table))
    const filter = binding.filter
    if (filter !== undefined && filter !== null && typeof filter !== 'string') {
      throw new BindingError('Error parsing `filter` params: it must be a string')
    }
    const parsed = parseFilter(filter ?? '')
    const [only] = found
    if (parsed.length > 0 && (found.length > 1 || table === '*' || !only)) {
      throw new BindingError('A filter needs a schema and a table')
    }
    const conditions = parsed.length > 0 && only ? await this.conditions.check(only, role, parsed) : []
    const select = selectOf(binding, role, schema === '*' || table === '*' ? undefined : only)
    return { role, event: eventOf(binding.event), schema, table, conditions, select }
  }
}

function askedIn(params: Params[]): number {
  return params.flatMap(({ conditions }) => conditions).filter(({ asked }) => asked).length
}

function nameOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function eventOf(value: unknown): EventName {
  const event = String(value).toUpperCase()
  return event === 'INSERT' || event === 'UPDATE' || event === 'DELETE' ? event : '*'
}

function selectOf({ select }: Binding, role: string, table: Table | undefined): string[] | null {
  if (select === undefined || select === null) return null
  if (!Array.isArray(select) || select.some((name) => typeof name !== 'string')) {
    throw new BindingError('`select` must be a list of column names')
  }
  if (!table) throw new BindingError('`select` needs a schema and a table')
  const names = select as string[]
  const unknown = names.find((name) => !table.readable.get(role)?.has(name))
  if (unknown !== undefined) throw new BindingError(`invalid column for select ${unknown}`)
  return [...new Set([...table.key, ...names])].sort()
}

function notEnabled({ event, filter }: Binding, schema: string, table: string): string {
  const given = `event: ${String(event)}, schema: ${schema}, table: ${table}, filters: [${String(filter ?? '')}]`
  return `Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given connect parameters: [${given}]`
}
