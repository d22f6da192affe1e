import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type postgres from 'postgres'
import type { Horizon } from '../horizon'
import { textArray } from '../pools'
import { CATALOGUE_QUERY } from './catalogue-query'
import { type Dependency, parseDeclaration } from './declarations'
import { type JsonType, jsonTypeOf } from './json-values'
import { type PolicyRow, type Scope, scopeOf } from './policies'
import { type Probe, probeOf } from './probes'

export type TableColumn = {
  name: string
  /** `pg_type.typname`, as clients are told. */
  type: string
  /** As it is written in SQL. */
  sqlType: string
  typeOid: number
  /** Oid of the type, or of the type below a domain. */
  base: number
  json: JsonType
  textual: boolean
}

/** A published table. */
export type Table = {
  oid: number
  schema: string
  name: string
  rls: boolean
  /** Columns of the primary key. */
  key: string[]
  columns: Map<string, TableColumn>
  /** The columns each role may select. */
  readable: Map<string, Set<string>>
  /** What the policies' answer depends on, where they declare it; null: they are asked for every change. */
  scope: Scope | null
  /** What the policies look at in a row, and by role the question about such values; null: they look at more than columns. */
  row: { columns: string[]; probes: Map<string, Probe> } | null
}

/** What a change of some table means: decisions about `table` may differ, or (null) rights on private topics. */
export type Rule = { dependency: Dependency; table: Table | null }

/** What is known of the schema, at one moment. */
export type CatalogueState = {
  tables: Map<number, Table>
  /** Roles that no policy binds. */
  bypass: Set<string>
  /** By `schema.table`. */
  rules: Map<string, Rule[]>
  /** By role: everything that policies call to learn who asks. */
  calls: Map<string, string[]>
}

type Row = { snapshot: string; bypass: string[]; topicPolicies: PolicyRow[]; tables: TableRow[] }

type TableRow = Omit<Table, 'columns' | 'readable' | 'scope' | 'row'> & {
  policies: PolicyRow[]
  columns: (Omit<TableColumn, 'json'> & { element: number; delimiter: string; readers: string[] })[]
}

type Options = {
  /** A superuser whose search_path is `pg_catalog`. */
  sql: postgres.Sql
  horizon: Horizon
  log: Logger
  /** Gets changes of these tables into the stream; returns the names (`schema.table`) for which that worked. */
  listenTo(tables: Dependency[]): Promise<Set<string>>
}

/** How long {@link Catalogue.renewed} lets one reading be enough for everybody. */
const RENEWAL_MS = 1_000

/** Reads the schema when it is needed and forgets it when it changed. */
export class Catalogue {
  private readonly options: Options
  private readonly roles = new Set(['anon', 'authenticated', 'service_role'])
  private state: Promise<CatalogueState> | null = null
  private loadedAt = Number.NEGATIVE_INFINITY

  constructor(options: Options) {
    this.options = options
  }

  /** What is known; read again if it was forgotten or if a role is new. */
  get(role?: string): Promise<CatalogueState> {
    if (role !== undefined && !this.roles.has(role)) {
      this.roles.add(role)
      this.state = null
    }
    if (!this.state) {
      const state = this.load()
      this.state = state
      state.catch(() => {
        if (this.state === state) this.state = null
      })
    }
    return this.state
  }

  /**
   * Read no earlier than it is asked for: what was made a moment ago may not have come by in the stream. Takes up to a
   * second, so that asking for what does not exist costs the database no more than one reading in that time.
   */
  async renewed(role?: string): Promise<CatalogueState> {
    const asked = performance.now()
    const wait = this.loadedAt + RENEWAL_MS - asked
    if (wait > 0) await sleep(wait)
    if (this.loadedAt < asked) this.forget()
    return this.get(role)
  }

  forget(): void {
    this.state = null
  }

  private async load(): Promise<CatalogueState> {
    this.loadedAt = performance.now()
    const heard = await this.options.listenTo(wanted(await this.read()))
    // Read again: only answers from after the tables are listened to may be remembered.
    const row = await this.read()
    return build(row, heard, this.roles, (message) => this.options.log.warn(`realtime: ${message}`))
  }

  private read(): Promise<Row> {
    const { sql, horizon } = this.options
    return horizon.ask(async () => {
      const [found] = await sql.unsafe<{ catalogue: Row }[]>(CATALOGUE_QUERY, [textArray([...this.roles])])
      return (found as { catalogue: Row }).catalogue
    })
  }
}

/** Every table that answers depend on: as declared, and for private topics also as PostgreSQL knows. */
function wanted(row: Row): Dependency[] {
  return [...row.tables.flatMap(({ policies }) => declaredBy(policies)), ...topicDependencies(row)]
}

function declaredBy(policies: PolicyRow[]): Dependency[] {
  return policies.flatMap(({ comment }) => parseDeclaration(comment)?.depends ?? [])
}

/**
 * What rights on private topics depend on: what their policies declare; what tables declare of a person, since a
 * function may hide it from us; and tables that the policies read and nobody declares, whose changes concern everybody.
 */
function topicDependencies({ topicPolicies, tables }: Row): Dependency[] {
  const personal = tables
    .flatMap(({ policies }) => declaredBy(policies))
    .filter(({ userColumn }) => userColumn !== null)
    .map((dependency) => ({ ...dependency, scopeColumns: [] }))
  const declared = [...declaredBy(topicPolicies), ...personal]
  const undeclared = topicPolicies
    .flatMap((policy) => policy.tables)
    .filter(([schema, table]) => !declared.some((d) => d.schema === schema && d.table === table))
    .map(([schema, table]) => ({ schema, table, userColumn: null, scopeColumns: [] }))
  const all = new Map([...declared, ...undeclared].map((each) => [JSON.stringify(each), each]))
  return [...all.values()]
}

function build(
  row: Row,
  heard: Set<string>,
  roles: Set<string>,
  warn: (message: string) => void,
): CatalogueState {
  const tables = new Map<number, Table>()
  const rules = new Map<string, Rule[]>()
  const nameOf = ({ schema, table }: Dependency) => `${schema}.${table}`
  const addRule = (rule: Rule) => {
    const name = nameOf(rule.dependency)
    rules.set(name, [...(rules.get(name) ?? []), rule])
  }
  for (const found of row.tables) {
    const { policies, columns, ...rest } = found
    const scope = found.rls
      ? scopeOf(found.name, policies, columns, roles, (dependency) => heard.has(nameOf(dependency)))
      : null
    if (typeof scope === 'string') warn(`${found.schema}.${found.name} is asked for every change: ${scope}`)
    const table = {
      ...rest,
      ...columnsOf(columns, roles),
      scope: typeof scope === 'string' ? null : scope,
      row: rowOf(found, roles),
    }
    tables.set(table.oid, table)
    for (const dependency of table.scope?.depends ?? []) addRule({ dependency, table })
  }
  for (const dependency of topicDependencies(row)) addRule({ dependency, table: null })
  return { tables, bypass: new Set(row.bypass), rules, calls: callsOf([...tables.values()], roles) }
}

function callsOf(tables: Table[], roles: Set<string>): Map<string, string[]> {
  const probesFor = (role: string) =>
    tables.flatMap(({ scope, row }) => [scope?.probes.get(role), row?.probes.get(role)])
  const callsFor = (role: string) => probesFor(role).flatMap((probe) => probe?.joint?.calls ?? [])
  return new Map([...roles].map((role) => [role, [...new Set(callsFor(role))].sort()]))
}

function rowOf({ name, policies, columns }: TableRow, roles: Set<string>): Table['row'] {
  const wanted = [...new Set(policies.flatMap((policy) => policy.columns))]
  const found = columns.filter((column) => wanted.includes(column.name))
  // System columns are no columns of the catalogue.
  if (found.length < wanted.length) return null
  const probes = new Map([...roles].map((role) => [role, probeOf(name, policies, found, role)]))
  return { columns: found.map((column) => column.name), probes }
}

function columnsOf(rows: TableRow['columns'], roles: Set<string>): Pick<Table, 'columns' | 'readable'> {
  const columns = new Map(
    rows.map(({ element, delimiter, readers: _, ...column }) => [
      column.name,
      { ...column, json: jsonTypeOf(column.base, element, delimiter) },
    ]),
  )
  const readableBy = (role: string) =>
    new Set(rows.filter(({ readers }) => readers.includes(role)).map(({ name }) => name))
  return { columns, readable: new Map([...roles].map((role) => [role, readableBy(role)])) }
}
