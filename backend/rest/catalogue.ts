import { CATALOGUE_QUERY } from './catalogue-query'
import { buildRelationships, type Relationship } from './relationships'
import { type ViewColumn, viewOrigins } from './view-origins'

export type Column = {
  name: string
  number: number
  /** As PostgreSQL writes it, with its modifier; names outside of pg_catalog are qualified. */
  type: string
  /** The type beneath a domain, without modifier. */
  base: string
  /** `pg_type.typcategory`: `A` array, `C` composite, … */
  category: string
  composite: boolean
  required: boolean
  /** SQL of the default, when the column may be left out. */
  default: string | null
}

export type Key = { primary: boolean; columns: string[] }

export type Relation = {
  oid: number
  schema: string
  name: string
  kind: 'r' | 'v' | 'm' | 'f' | 'p'
  comment: string | null
  columns: Map<string, Column>
  primaryKey: string[]
  keys: Key[]
  /** Functions of one row of this relation: a value (computed column) or rows (computed relationship). */
  computed: Map<string, Routine>
  relationships: Relationship[]
}

export type Output = { name: string; type: string; category: string }
export type Argument = {
  name: string
  type: string
  relation: number | null
  required: boolean
  variadic: boolean
}

export type Routine = {
  oid: number
  schema: string
  name: string
  volatile: boolean
  set: boolean
  variadic: boolean
  rows: number
  comment: string | null
  returns: string
  kind: 'void' | 'scalar' | 'composite'
  /** The domain it returns, when that has the name of a media type. */
  media: string | null
  mediaBytes: boolean
  /** The relation whose rows it returns. */
  relation: number | null
  outputs: Output[] | null
  args: Argument[]
}

/** An aggregate of the rows of a relation (null: any) into a media type. */
export type Handler = { type: string; bytes: boolean; schema: string; name: string; relation: number | null }

export type ForeignKey = { name: string; from: number; to: number; columns: [string, string][] }

/** What the exposed schemas contain; every identifier of a statement comes from here. */
export type Catalogue = {
  relations: Map<string, Map<string, Relation>>
  byOid: Map<number, Relation>
  routines: Map<string, Map<string, Routine[]>>
  /** Aggregates that make a media type of rows. */
  handlers: Handler[]
  /** Types a request may cast to, by the names people write. */
  types: Map<string, string>
  /** `alter role … set`: applied when a request runs as that role. */
  roleSettings: Map<string, Record<string, string>>
}

type RawRelation = Omit<Relation, 'columns' | 'primaryKey' | 'computed' | 'relationships'> & {
  columns: Column[]
  definition: string | null
}

type RawCatalogue = {
  relations: RawRelation[]
  foreignKeys: ForeignKey[]
  routines: Routine[]
  handlers: Handler[]
  types: Record<string, string>
  roleSettings: { role: string; settings: string[] }[]
}

/** Runs SQL with parameters and returns its rows; what the loader needs of a database. */
export type RunQuery = (text: string, values: unknown[]) => Promise<Record<string, unknown>[]>

/** Reads the catalogue of the exposed schemas; `run` must have an empty `search_path`. */
export async function loadCatalogue(run: RunQuery, schemas: string[]): Promise<Catalogue> {
  const [row] = await run(CATALOGUE_QUERY, [schemas])
  const raw = row?.catalogue
  return buildCatalogue((typeof raw === 'string' ? JSON.parse(raw) : raw) as RawCatalogue, schemas)
}

/** Indexes what the catalogue query returned. */
export function buildCatalogue(raw: RawCatalogue, schemas: string[]): Catalogue {
  const catalogue: Catalogue = {
    relations: new Map(schemas.map((s) => [s, new Map()])),
    byOid: new Map(),
    routines: new Map(schemas.map((s) => [s, new Map()])),
    handlers: raw.handlers,
    types: typeNames(raw.types),
    roleSettings: roleSettings(raw.roleSettings),
  }
  const origins = new Map<number, ViewColumn[]>()
  for (const { columns, definition, ...rest } of raw.relations) {
    const relation: Relation = {
      ...rest,
      columns: new Map(columns.map((c) => [c.name, c])),
      primaryKey: rest.keys.find((k) => k.primary)?.columns ?? [],
      computed: new Map(),
      relationships: [],
    }
    if (definition !== null) origins.set(relation.oid, viewOrigins(definition))
    catalogue.relations.get(relation.schema)?.set(relation.name, relation)
    catalogue.byOid.set(relation.oid, relation)
  }
  for (const routine of raw.routines) {
    const named = catalogue.routines.get(routine.schema)
    named?.set(routine.name, [...(named.get(routine.name) ?? []), routine])
    const [row] = routine.args
    const owner = row?.relation === null || row === undefined ? undefined : catalogue.byOid.get(row.relation)
    if (owner && routine.args.length === 1) owner.computed.set(routine.name, routine)
  }
  buildRelationships(catalogue, raw.foreignKeys, origins)
  return catalogue
}

function roleSettings(raw: RawCatalogue['roleSettings']): Catalogue['roleSettings'] {
  const settings: Catalogue['roleSettings'] = new Map()
  // Those of this database come last, and win.
  for (const { role, settings: own } of raw)
    settings.set(role, { ...settings.get(role), ...Object.fromEntries(own.map(splitSetting)) })
  return settings
}

function splitSetting(setting: string): [string, string] {
  const equals = setting.indexOf('=')
  return [setting.slice(0, equals), setting.slice(equals + 1)]
}

/** PostgreSQL's own spellings that are not rows of pg_type. */
const SPELLINGS: Record<string, string> = {
  int: 'int4',
  integer: 'int4',
  smallint: 'int2',
  bigint: 'int8',
  decimal: 'numeric',
  real: 'float4',
  float: 'float8',
  'double precision': 'float8',
  boolean: 'bool',
  char: 'bpchar',
  character: 'bpchar',
  'character varying': 'varchar',
  'timestamp with time zone': 'timestamptz',
  'timestamp without time zone': 'timestamp',
  'time with time zone': 'timetz',
  'time without time zone': 'time',
}

function typeNames(found: Record<string, string>): Map<string, string> {
  const names = new Map(Object.entries(found))
  for (const [spelling, name] of Object.entries(SPELLINGS)) {
    const type = found[name]
    if (type !== undefined) names.set(spelling, type)
  }
  return names
}
